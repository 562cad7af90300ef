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
#[derive(::core::fmt::Debug, ::rpc_core::Message)]
pub(crate) struct EchoEcho<'a> {
    /// The argument `words`.
    #[tag(1)]
    pub(crate) words: ::std::vec::Vec<String>,
    /// The argument `row`.
    #[tag(7)]
    pub(crate) row: Option<Row<'a>>,
}
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
                shape: <::std::vec::Vec<String> as ::rpc_core::tlv::Encode>::shape,
            },
            ::rpc_core::Field {
                number: 7,
                name: "row",
                shape: <Option<Row<'_>> as ::rpc_core::tlv::Encode>::shape,
            },
        ],
        reply: ::rpc_core::private::reply_shape::<Self>,
        error: ::rpc_core::private::error_shape::<Self>,
    };
    type Reply = Vec<String>;
    type Error = EchoError;
}
impl EchoEcho<'_> {
    fn write(
        out: &mut ::rpc_core::tlv::Writer<'_>,
        words: &[String],
        row: Option<&Row<'_>>,
    ) {
        ::rpc_core::private::write_fixed(out, 1, &words);
        ::rpc_core::private::write_fixed(out, 7, &row);
        ::rpc_core::private::write_sized(out, 1, &words);
        ::rpc_core::private::write_sized(out, 7, &row);
    }
}
#[cfg(feature = "shout")]
/// The arguments of [`Echo::shout`].
#[derive(::core::fmt::Debug, ::rpc_core::Message)]
pub(crate) struct EchoShout<'a> {
    /// The argument `out`.
    #[tag(1)]
    pub(crate) out: &'a [u8],
    /// The argument `request`.
    #[tag(2)]
    pub(crate) request: Option<::std::vec::Vec<Row<'a>>>,
}
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
                shape: <&[u8] as ::rpc_core::tlv::Encode>::shape,
            },
            ::rpc_core::Field {
                number: 2,
                name: "request",
                shape: <Option<
                    ::std::vec::Vec<Row<'_>>,
                > as ::rpc_core::tlv::Encode>::shape,
            },
        ],
        reply: ::rpc_core::private::reply_shape::<Self>,
        error: ::rpc_core::private::error_shape::<Self>,
    };
    type Reply = ();
    type Error = EchoError;
}
#[cfg(feature = "shout")]
impl EchoShout<'_> {
    fn write(
        out: &mut ::rpc_core::tlv::Writer<'_>,
        out: &[u8],
        request: Option<&[Row<'_>]>,
    ) {
        ::rpc_core::private::write_fixed(out, 1, &out);
        ::rpc_core::private::write_fixed(out, 2, &request);
        ::rpc_core::private::write_sized(out, 1, &out);
        ::rpc_core::private::write_sized(out, 2, &request);
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
    /// The same client with other options for its calls.
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
