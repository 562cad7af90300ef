/// The books of a library.
pub trait Library: Send + Sync {
    /// The titles on a shelf.
    fn titles(&self, shelf: u32) -> rpc_core::Result<Vec<String>, LibraryError>;
    /// Lends a book.
    fn lend(
        &self,
        title: &str,
        card: &Card,
        days: Option<u16>,
    ) -> rpc_core::Result<Loan, LibraryError>;
    /// Sorts all books again.
    fn sort(&self) -> rpc_core::Result<(), LibraryError>;
}
/// The arguments of [`Library::titles`].
#[derive(::core::fmt::Debug)]
pub struct LibraryTitles {
    /// The argument `shelf`.
    pub shelf: u32,
}
impl<'a> ::rpc_core::Request<'a> for LibraryTitles {
    const METHOD: &'static ::rpc_core::Method = &::rpc_core::Method {
        service: ::rpc_core::ServiceId(0x4c),
        opcode: ::rpc_core::Opcode(1),
        name: "titles",
        retry: ::rpc_core::Retry::Idempotent,
        slow: false,
        deadline: ::core::option::Option::None,
        access: "Access::Public",
        arguments: &[
            ::rpc_core::Field {
                number: 1,
                name: "shelf",
                shape: || ::rpc_core::private::argument::<u32>().shape(),
            },
        ],
        reply: ::rpc_core::private::reply_shape::<Self>,
        error: ::rpc_core::private::error_shape::<Self>,
    };
    type Reply = Vec<String>;
    type Error = LibraryError;
    type Output = rpc_core::Result<Vec<String>, LibraryError>;
}
impl LibraryTitles {
    fn write(out: &mut ::rpc_core::tlv::Writer<'_>, shelf: &u32) {
        ::rpc_core::private::argument::<u32>().write_fixed(out, 1, shelf);
        ::rpc_core::private::argument::<u32>().write_sized(out, 1, shelf);
    }
}
impl ::rpc_core::tlv::EncodeBody for LibraryTitles {
    fn encode_body(&self, out: &mut ::rpc_core::tlv::Writer<'_>) {
        Self::write(out, &self.shelf);
    }
}
impl<'a> ::rpc_core::tlv::DecodeBody<'a> for LibraryTitles {
    fn decode_body(
        input: &mut ::rpc_core::tlv::Reader<'a>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        let mut shelf = ::core::option::Option::None;
        ::rpc_core::private::argument::<u32>().guess_fixed(input, 1, &mut shelf)?;
        ::rpc_core::private::argument::<u32>().guess_sized(input, 1, &mut shelf)?;
        while let ::core::option::Option::Some(tag) = input.tag()? {
            match tag.number {
                1 => shelf = ::rpc_core::private::argument::<u32>().read(input, tag)?,
                _ => input.skip(tag.kind)?,
            }
        }
        ::core::result::Result::Ok(Self {
            shelf: ::rpc_core::private::argument::<u32>().required(input, 1, shelf)?,
        })
    }
}
/// The arguments of [`Library::lend`].
#[derive(::core::fmt::Debug)]
pub struct LibraryLend<'a> {
    /// The argument `title`.
    pub title: &'a str,
    /// The argument `card`.
    pub card: Card,
    /// The argument `days`.
    pub days: Option<u16>,
}
const _: () = if ::rpc_core::private::is_secret::<Card>() {
    ::core::panic!(
        "`lend` is keyed, so a fingerprint of its arguments is kept, and `card` is a secret: remove `keyed`"
    );
};
impl<'a> ::rpc_core::Request<'a> for LibraryLend<'a> {
    const METHOD: &'static ::rpc_core::Method = &::rpc_core::Method {
        service: ::rpc_core::ServiceId(0x4c),
        opcode: ::rpc_core::Opcode(4),
        name: "lend",
        retry: ::rpc_core::Retry::Keyed,
        slow: false,
        deadline: ::core::option::Option::Some(
            ::core::time::Duration::from_millis(2000),
        ),
        access: "Access::Reader",
        arguments: &[
            ::rpc_core::Field {
                number: 1,
                name: "title",
                shape: || ::rpc_core::private::argument::<&str>().shape(),
            },
            ::rpc_core::Field {
                number: 2,
                name: "card",
                shape: || ::rpc_core::private::argument::<Card>().shape(),
            },
            ::rpc_core::Field {
                number: 3,
                name: "days",
                shape: || ::rpc_core::private::argument::<Option<u16>>().shape(),
            },
        ],
        reply: ::rpc_core::private::reply_shape::<Self>,
        error: ::rpc_core::private::error_shape::<Self>,
    };
    type Reply = Loan;
    type Error = LibraryError;
    type Output = rpc_core::Result<Loan, LibraryError>;
}
impl LibraryLend<'_> {
    fn write(
        out: &mut ::rpc_core::tlv::Writer<'_>,
        title: &str,
        card: &Card,
        days: &Option<u16>,
    ) {
        ::rpc_core::private::argument::<str>().write_fixed(out, 1, title);
        ::rpc_core::private::argument::<Card>().write_fixed(out, 2, card);
        ::rpc_core::private::argument::<Option<u16>>().write_fixed(out, 3, days);
        ::rpc_core::private::argument::<str>().write_sized(out, 1, title);
        ::rpc_core::private::argument::<Card>().write_sized(out, 2, card);
        ::rpc_core::private::argument::<Option<u16>>().write_sized(out, 3, days);
    }
}
impl ::rpc_core::tlv::EncodeBody for LibraryLend<'_> {
    fn encode_body(&self, out: &mut ::rpc_core::tlv::Writer<'_>) {
        Self::write(out, self.title, &self.card, &self.days);
    }
}
impl<'a> ::rpc_core::tlv::DecodeBody<'a> for LibraryLend<'a> {
    fn decode_body(
        input: &mut ::rpc_core::tlv::Reader<'a>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        let mut title = ::core::option::Option::None;
        let mut card = ::core::option::Option::None;
        let mut days = ::core::option::Option::None;
        ::rpc_core::private::argument::<&str>().guess_fixed(input, 1, &mut title)?;
        ::rpc_core::private::argument::<Card>().guess_fixed(input, 2, &mut card)?;
        ::rpc_core::private::argument::<Option<u16>>().guess_fixed(input, 3, &mut days)?;
        ::rpc_core::private::argument::<&str>().guess_sized(input, 1, &mut title)?;
        ::rpc_core::private::argument::<Card>().guess_sized(input, 2, &mut card)?;
        ::rpc_core::private::argument::<Option<u16>>().guess_sized(input, 3, &mut days)?;
        while let ::core::option::Option::Some(tag) = input.tag()? {
            match tag.number {
                1 => title = ::rpc_core::private::argument::<&str>().read(input, tag)?,
                2 => card = ::rpc_core::private::argument::<Card>().read(input, tag)?,
                3 => {
                    days = ::rpc_core::private::argument::<Option<u16>>()
                        .read(input, tag)?;
                }
                _ => input.skip(tag.kind)?,
            }
        }
        ::core::result::Result::Ok(Self {
            title: ::rpc_core::private::argument::<&str>().required(input, 1, title)?,
            card: ::rpc_core::private::argument::<Card>().required(input, 2, card)?,
            days: ::rpc_core::private::argument::<Option<u16>>()
                .required(input, 3, days)?,
        })
    }
}
/// The arguments of [`Library::sort`].
#[derive(::core::fmt::Debug)]
pub struct LibrarySort {}
impl<'a> ::rpc_core::Request<'a> for LibrarySort {
    const METHOD: &'static ::rpc_core::Method = &::rpc_core::Method {
        service: ::rpc_core::ServiceId(0x4c),
        opcode: ::rpc_core::Opcode(3),
        name: "sort",
        retry: ::rpc_core::Retry::NotSent,
        slow: true,
        deadline: ::core::option::Option::None,
        access: "Access::Librarian",
        arguments: &[],
        reply: ::rpc_core::private::reply_shape::<Self>,
        error: ::rpc_core::private::error_shape::<Self>,
    };
    type Reply = ();
    type Error = LibraryError;
    type Output = rpc_core::Result<(), LibraryError>;
}
impl ::rpc_core::tlv::EncodeBody for LibrarySort {
    fn encode_body(&self, _out: &mut ::rpc_core::tlv::Writer<'_>) {}
}
impl<'a> ::rpc_core::tlv::DecodeBody<'a> for LibrarySort {
    fn decode_body(
        input: &mut ::rpc_core::tlv::Reader<'a>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        ::rpc_core::private::message::skip_fields(input)?;
        ::core::result::Result::Ok(Self {})
    }
}
/// The client of [`Library`]: each method is a call over a channel.
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
pub struct LibraryClient {
    stub: ::rpc_core::private::Stub,
}
impl LibraryClient {
    /// What [`Library`] declares: its numbers and names.
    pub const SERVICE: ::rpc_core::Service = ::rpc_core::Service {
        id: ::rpc_core::ServiceId(0x4c),
        name: "library",
        open: false,
        methods: &[
            *<LibraryTitles as ::rpc_core::Request<'_>>::METHOD,
            *<LibrarySort as ::rpc_core::Request<'_>>::METHOD,
            *<LibraryLend<'_> as ::rpc_core::Request<'_>>::METHOD,
        ],
        retired: &[::rpc_core::Opcode(2)],
    };
    /// A client that calls over `channel`.
    #[must_use]
    pub fn new(channel: ::rpc_core::Channel) -> Self {
        Self {
            stub: ::rpc_core::private::Stub::new(channel),
        }
    }
    /// A client of the server at `host:port`, or of the first that answers of several, separated by commas.
    ///
    /// # Errors
    /// None of them can be reached.
    pub fn connect(
        addresses: &str,
    ) -> ::core::result::Result<Self, ::rpc_core::TransportError> {
        ::core::result::Result::Ok(Self::new(::rpc_core::Channel::connect(addresses)?))
    }
    /// The same client, whose calls have these options, and its own where these say nothing.
    #[must_use]
    pub fn with(&self, options: ::rpc_core::CallOptions) -> Self {
        Self {
            stub: self.stub.with(options),
        }
    }
    /// Starts [`Library::titles`] and does not wait for its reply.
    ///
    /// The titles on a shelf.
    pub fn start_titles(
        &self,
        shelf: u32,
    ) -> ::rpc_core::Pending<Vec<String>, LibraryError> {
        self.stub.start::<LibraryTitles>(|out| LibraryTitles::write(out, &shelf))
    }
    /// Starts [`Library::lend`] and does not wait for its reply.
    ///
    /// Lends a book.
    pub fn start_lend(
        &self,
        title: &str,
        card: &Card,
        days: Option<u16>,
    ) -> ::rpc_core::Pending<Loan, LibraryError> {
        self.stub
            .start::<LibraryLend<'_>>(|out| LibraryLend::write(out, title, card, &days))
    }
    /// Starts [`Library::sort`] and does not wait for its reply.
    ///
    /// Sorts all books again.
    pub fn start_sort(&self) -> ::rpc_core::Pending<(), LibraryError> {
        self.stub.start::<LibrarySort>(|_| {})
    }
}
impl Library for LibraryClient {
    fn titles(&self, shelf: u32) -> rpc_core::Result<Vec<String>, LibraryError> {
        self.stub.call::<LibraryTitles>(|out| LibraryTitles::write(out, &shelf))
    }
    fn lend(
        &self,
        title: &str,
        card: &Card,
        days: Option<u16>,
    ) -> rpc_core::Result<Loan, LibraryError> {
        self.stub
            .call::<LibraryLend<'_>>(|out| LibraryLend::write(out, title, card, &days))
    }
    fn sort(&self) -> rpc_core::Result<(), LibraryError> {
        self.stub.call::<LibrarySort>(|_| {})
    }
}
/// The server's half of [`Library`]: a table of its methods in front of a handler.
pub struct LibraryDispatch<H, Z> {
    handler: H,
    authorizer: Z,
}
impl<H, Z> LibraryDispatch<H, Z> {
    /// Calls go to `handler` once they are allowed.
    #[must_use]
    pub fn new(handler: H, authorizer: Z) -> Self {
        ::rpc_core::private::refuse_keyed_secrets(&LibraryClient::SERVICE);
        Self { handler, authorizer }
    }
    fn access(method: &'static ::rpc_core::Method) -> ::core::option::Option<Access> {
        ::core::option::Option::Some(
            match method.opcode.0 {
                1 => Access::Public,
                4 => Access::Reader,
                3 => Access::Librarian,
                _ => return ::core::option::Option::None,
            },
        )
    }
}
impl<H, Z> ::core::fmt::Debug for LibraryDispatch<H, Z> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.debug_struct("LibraryDispatch").finish_non_exhaustive()
    }
}
impl<
    H: Library + ::core::marker::Send + ::core::marker::Sync + 'static,
    Z: ::rpc_core::Authorize<Access>,
> ::rpc_core::Dispatch for LibraryDispatch<H, Z> {
    fn service(&self) -> &'static ::rpc_core::Service {
        &LibraryClient::SERVICE
    }
    fn is_public(&self, method: &'static ::rpc_core::Method) -> bool {
        ::rpc_core::private::is_public(&self.authorizer, Self::access(method))
    }
    fn authorize(
        &self,
        method: &'static ::rpc_core::Method,
        call: &mut ::rpc_core::Call,
    ) -> ::core::result::Result<(), ::rpc_core::Refusal> {
        ::rpc_core::private::authorize(&self.authorizer, call, Self::access(method))
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
                    |request: LibraryTitles| {
                        Library::titles(&self.handler, request.shelf)
                    },
                )
            }
            4 => {
                ::rpc_core::private::answer(
                    body,
                    reply,
                    |request: LibraryLend<'_>| {
                        Library::lend(
                            &self.handler,
                            request.title,
                            &request.card,
                            request.days,
                        )
                    },
                )
            }
            3 => {
                ::rpc_core::private::answer(
                    body,
                    reply,
                    |_request: LibrarySort| { Library::sort(&self.handler) },
                )
            }
            _ => ::rpc_core::private::unknown_opcode(),
        }
    }
}
