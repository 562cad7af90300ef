/// Says things again.
pub(crate) trait Echo {
    fn echo(
        &self,
        words: &[String],
        row: Option<&Row<'_>>,
    ) -> rpc_core::Result<Vec<String>, EchoError>;
    #[cfg(feature = "shout")]
    #[deprecated = "use echo"]
    fn shout(
        &self,
        out: &[u8],
        request: Option<&[Row<'_>]>,
    ) -> rpc_core::Result<(), EchoError>;
}
/// The arguments of [`Echo::echo`].
#[derive(::core::fmt::Debug)]
pub(crate) struct EchoEcho<'a> {
    /// The argument `words`.
    pub(crate) words: ::std::vec::Vec<String>,
    /// The argument `row`.
    pub(crate) row: Option<Row<'a>>,
}
const _: () = ::rpc_core::private::has_wire_form::<::std::vec::Vec<String>>();
const _: () = ::rpc_core::private::has_wire_form::<Option<Row<'_>>>();
impl<'a> ::rpc_core::Request<'a> for EchoEcho<'a> {
    const METHOD: &'static ::rpc_core::Method = &::rpc_core::Method {
        service: ::rpc_core::ServiceId(0x45),
        opcode: ::rpc_core::Opcode(1),
        name: "echo",
        retry: ::rpc_core::Retry::Idempotent,
        slow: false,
        deadline: ::core::option::Option::None,
        access: "",
        arguments: &[
            ::rpc_core::Field {
                number: 1,
                name: "words",
                shape: || {
                    ::rpc_core::private::argument::<::std::vec::Vec<String>>().shape()
                },
            },
            ::rpc_core::Field {
                number: 7,
                name: "row",
                shape: || ::rpc_core::private::argument::<Option<Row<'_>>>().shape(),
            },
        ],
        reply: ::rpc_core::private::reply_shape::<Self>,
        error: ::rpc_core::private::error_shape::<Self>,
    };
    type Reply = Vec<String>;
    type Error = EchoError;
    type Output = rpc_core::Result<Vec<String>, EchoError>;
}
impl EchoEcho<'_> {
    fn write(
        out: &mut ::rpc_core::tlv::Writer<'_>,
        words: &[String],
        row: Option<&Row<'_>>,
    ) {
        ::rpc_core::private::argument::<[String]>().write_fixed(out, 1, words);
        ::rpc_core::private::argument::<Option<&Row<'_>>>().write_fixed(out, 7, &row);
        ::rpc_core::private::argument::<[String]>().write_sized(out, 1, words);
        ::rpc_core::private::argument::<Option<&Row<'_>>>().write_sized(out, 7, &row);
    }
}
impl ::rpc_core::tlv::EncodeBody for EchoEcho<'_> {
    fn encode_body(&self, out: &mut ::rpc_core::tlv::Writer<'_>) {
        Self::write(out, &self.words, self.row.as_ref());
    }
}
impl<'a> ::rpc_core::tlv::DecodeBody<'a> for EchoEcho<'a> {
    fn decode_body(
        input: &mut ::rpc_core::tlv::Reader<'a>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        let mut words = ::core::option::Option::None;
        let mut row = ::core::option::Option::None;
        ::rpc_core::private::argument::<::std::vec::Vec<String>>()
            .guess_fixed(input, 1, &mut words)?;
        ::rpc_core::private::argument::<Option<Row<'_>>>()
            .guess_fixed(input, 7, &mut row)?;
        ::rpc_core::private::argument::<::std::vec::Vec<String>>()
            .guess_sized(input, 1, &mut words)?;
        ::rpc_core::private::argument::<Option<Row<'_>>>()
            .guess_sized(input, 7, &mut row)?;
        while let ::core::option::Option::Some(tag) = input.tag()? {
            match tag.number {
                1 => {
                    words = ::rpc_core::private::argument::<::std::vec::Vec<String>>()
                        .read(input, tag)?;
                }
                7 => {
                    row = ::rpc_core::private::argument::<Option<Row<'_>>>()
                        .read(input, tag)?;
                }
                _ => input.skip(tag.kind)?,
            }
        }
        ::core::result::Result::Ok(Self {
            words: ::rpc_core::private::argument::<::std::vec::Vec<String>>()
                .required(input, 1, words)?,
            row: ::rpc_core::private::argument::<Option<Row<'_>>>()
                .required(input, 7, row)?,
        })
    }
}
#[cfg(feature = "shout")]
/// The arguments of [`Echo::shout`].
#[derive(::core::fmt::Debug)]
pub(crate) struct EchoShout<'a> {
    /// The argument `out`.
    pub(crate) out: &'a [u8],
    /// The argument `request`.
    pub(crate) request: Option<::std::vec::Vec<Row<'a>>>,
}
#[cfg(feature = "shout")]
const _: () = ::rpc_core::private::has_wire_form::<Option<::std::vec::Vec<Row<'_>>>>();
#[cfg(feature = "shout")]
impl<'a> ::rpc_core::Request<'a> for EchoShout<'a> {
    const METHOD: &'static ::rpc_core::Method = &::rpc_core::Method {
        service: ::rpc_core::ServiceId(0x45),
        opcode: ::rpc_core::Opcode(2),
        name: "shout",
        retry: ::rpc_core::Retry::NotSent,
        slow: false,
        deadline: ::core::option::Option::None,
        access: "",
        arguments: &[
            ::rpc_core::Field {
                number: 1,
                name: "out",
                shape: || ::rpc_core::private::argument::<&[u8]>().shape(),
            },
            ::rpc_core::Field {
                number: 2,
                name: "request",
                shape: || {
                    ::rpc_core::private::argument::<Option<::std::vec::Vec<Row<'_>>>>()
                        .shape()
                },
            },
        ],
        reply: ::rpc_core::private::reply_shape::<Self>,
        error: ::rpc_core::private::error_shape::<Self>,
    };
    type Reply = ();
    type Error = EchoError;
    type Output = rpc_core::Result<(), EchoError>;
}
#[cfg(feature = "shout")]
impl EchoShout<'_> {
    fn write(
        out: &mut ::rpc_core::tlv::Writer<'_>,
        out: &[u8],
        request: Option<&[Row<'_>]>,
    ) {
        ::rpc_core::private::argument::<[u8]>().write_fixed(out, 1, out);
        ::rpc_core::private::argument::<Option<&[Row<'_>]>>()
            .write_fixed(out, 2, &request);
        ::rpc_core::private::argument::<[u8]>().write_sized(out, 1, out);
        ::rpc_core::private::argument::<Option<&[Row<'_>]>>()
            .write_sized(out, 2, &request);
    }
}
#[cfg(feature = "shout")]
impl ::rpc_core::tlv::EncodeBody for EchoShout<'_> {
    fn encode_body(&self, out: &mut ::rpc_core::tlv::Writer<'_>) {
        Self::write(out, self.out, self.request.as_deref());
    }
}
#[cfg(feature = "shout")]
impl<'a> ::rpc_core::tlv::DecodeBody<'a> for EchoShout<'a> {
    fn decode_body(
        input: &mut ::rpc_core::tlv::Reader<'a>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        let mut out = ::core::option::Option::None;
        let mut request = ::core::option::Option::None;
        ::rpc_core::private::argument::<&[u8]>().guess_fixed(input, 1, &mut out)?;
        ::rpc_core::private::argument::<Option<::std::vec::Vec<Row<'_>>>>()
            .guess_fixed(input, 2, &mut request)?;
        ::rpc_core::private::argument::<&[u8]>().guess_sized(input, 1, &mut out)?;
        ::rpc_core::private::argument::<Option<::std::vec::Vec<Row<'_>>>>()
            .guess_sized(input, 2, &mut request)?;
        while let ::core::option::Option::Some(tag) = input.tag()? {
            match tag.number {
                1 => out = ::rpc_core::private::argument::<&[u8]>().read(input, tag)?,
                2 => {
                    request = ::rpc_core::private::argument::<
                        Option<::std::vec::Vec<Row<'_>>>,
                    >()
                        .read(input, tag)?;
                }
                _ => input.skip(tag.kind)?,
            }
        }
        ::core::result::Result::Ok(Self {
            out: ::rpc_core::private::argument::<&[u8]>().required(input, 1, out)?,
            request: ::rpc_core::private::argument::<Option<::std::vec::Vec<Row<'_>>>>()
                .required(input, 2, request)?,
        })
    }
}
/// The client of [`Echo`]: each method is a call over a channel.
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
pub(crate) struct EchoClient {
    stub: ::rpc_core::private::Stub,
}
impl EchoClient {
    /// What [`Echo`] declares: its numbers and names.
    pub(crate) const SERVICE: ::rpc_core::Service = ::rpc_core::Service {
        id: ::rpc_core::ServiceId(0x45),
        name: "echo",
        open: true,
        methods: &[
            *<EchoEcho<'_> as ::rpc_core::Request<'_>>::METHOD,
            #[cfg(feature = "shout")]
            *<EchoShout<'_> as ::rpc_core::Request<'_>>::METHOD,
        ],
        retired: &[],
    };
    /// A client that calls over `channel`.
    #[must_use]
    pub(crate) fn new(channel: ::rpc_core::Channel) -> Self {
        Self {
            stub: ::rpc_core::private::Stub::new(channel),
        }
    }
    /// A client of the server at `host:port`, or of the first that answers of several, separated by commas.
    ///
    /// # Errors
    /// None of them can be reached.
    pub(crate) fn connect(
        addresses: &str,
    ) -> ::core::result::Result<Self, ::rpc_core::TransportError> {
        ::core::result::Result::Ok(Self::new(::rpc_core::Channel::connect(addresses)?))
    }
    /// The same client, whose calls have these options, and its own where these say nothing.
    #[must_use]
    pub(crate) fn with(&self, options: ::rpc_core::CallOptions) -> Self {
        Self {
            stub: self.stub.with(options),
        }
    }
    /// Starts [`Echo::echo`] and does not wait for its reply.
    pub(crate) fn start_echo(
        &self,
        words: &[String],
        row: Option<&Row<'_>>,
    ) -> ::rpc_core::Pending<Vec<String>, EchoError> {
        self.stub.start::<EchoEcho<'_>>(|out| EchoEcho::write(out, words, row))
    }
    #[cfg(feature = "shout")]
    /// Starts [`Echo::shout`] and does not wait for its reply.
    #[deprecated = "use echo"]
    pub(crate) fn start_shout(
        &self,
        out: &[u8],
        request: Option<&[Row<'_>]>,
    ) -> ::rpc_core::Pending<(), EchoError> {
        self.stub.start::<EchoShout<'_>>(|out| EchoShout::write(out, out, request))
    }
}
#[allow(deprecated)]
impl Echo for EchoClient {
    fn echo(
        &self,
        words: &[String],
        row: Option<&Row<'_>>,
    ) -> rpc_core::Result<Vec<String>, EchoError> {
        self.stub.call::<EchoEcho<'_>>(|out| EchoEcho::write(out, words, row))
    }
    #[cfg(feature = "shout")]
    fn shout(
        &self,
        out: &[u8],
        request: Option<&[Row<'_>]>,
    ) -> rpc_core::Result<(), EchoError> {
        self.stub.call::<EchoShout<'_>>(|out| EchoShout::write(out, out, request))
    }
}
/// The server's half of [`Echo`]: a table of its methods in front of a handler.
pub(crate) struct EchoDispatch<H> {
    handler: H,
}
impl<H> EchoDispatch<H> {
    /// Calls go to `handler` once they are allowed.
    #[must_use]
    pub(crate) fn new(handler: H) -> Self {
        ::rpc_core::private::refuse_keyed_secrets(&EchoClient::SERVICE);
        Self { handler }
    }
}
impl<H> ::core::fmt::Debug for EchoDispatch<H> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.debug_struct("EchoDispatch").finish_non_exhaustive()
    }
}
#[allow(deprecated)]
impl<
    H: Echo + ::core::marker::Send + ::core::marker::Sync + 'static,
> ::rpc_core::Dispatch for EchoDispatch<H> {
    fn service(&self) -> &'static ::rpc_core::Service {
        &EchoClient::SERVICE
    }
    fn is_public(&self, _method: &'static ::rpc_core::Method) -> bool {
        true
    }
    fn authorize(
        &self,
        _method: &'static ::rpc_core::Method,
        _call: &mut ::rpc_core::Call,
    ) -> ::core::result::Result<(), ::rpc_core::Refusal> {
        ::core::result::Result::Ok(())
    }
    fn dispatch(
        &self,
        method: &'static ::rpc_core::Method,
        body: ::rpc_core::tlv::Reader<'_>,
        reply: &mut ::rpc_core::tlv::Writer<'_>,
    ) -> ::core::result::Result<::rpc_core::Status, ::rpc_core::Refusal> {
        match method.opcode.0 {
            1 => {
                ::rpc_core::private::answer(
                    body,
                    reply,
                    |request: EchoEcho<'_>| {
                        Echo::echo(&self.handler, &request.words, request.row.as_ref())
                    },
                )
            }
            #[cfg(feature = "shout")]
            2 => {
                ::rpc_core::private::answer(
                    body,
                    reply,
                    |request: EchoShout<'_>| {
                        Echo::shout(
                            &self.handler,
                            request.out,
                            request.request.as_deref(),
                        )
                    },
                )
            }
            _ => ::rpc_core::private::unknown_opcode(),
        }
    }
}
