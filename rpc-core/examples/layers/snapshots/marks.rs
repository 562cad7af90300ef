/// What can be asked about marks.
trait Marks {
    /// Adds a mark; gives how many the student has now.
    fn add_mark(&self, student: u32, mark: Mark) -> rpc_core::Result<u32, MarksError>;
    /// The mean, in hundredths, rounded down.
    fn average(&self, student: u32) -> rpc_core::Result<u32, MarksError>;
}
/// The arguments of [`Marks::add_mark`].
#[derive(::core::fmt::Debug)]
struct MarksAddMark {
    /// The argument `student`.
    student: u32,
    /// The argument `mark`.
    mark: Mark,
}
const _: () = ::rpc_core::private::has_wire_form::<Mark>();
impl<'a> ::rpc_core::Request<'a> for MarksAddMark {
    const METHOD: &'static ::rpc_core::Method = &::rpc_core::Method {
        service: ::rpc_core::ServiceId(7),
        opcode: ::rpc_core::Opcode(1),
        name: "add_mark",
        retry: ::rpc_core::Retry::NotSent,
        slow: false,
        deadline: ::core::option::Option::None,
        access: "",
        arguments: &[
            ::rpc_core::Field {
                number: 1,
                name: "student",
                shape: || ::rpc_core::private::argument::<u32>().shape(),
            },
            ::rpc_core::Field {
                number: 2,
                name: "mark",
                shape: || ::rpc_core::private::argument::<Mark>().shape(),
            },
        ],
        reply: ::rpc_core::private::reply_shape::<Self>,
        error: ::rpc_core::private::error_shape::<Self>,
    };
    type Reply = u32;
    type Error = MarksError;
    type Output = rpc_core::Result<u32, MarksError>;
}
impl MarksAddMark {
    fn write(out: &mut ::rpc_core::tlv::Writer<'_>, student: &u32, mark: &Mark) {
        ::rpc_core::private::argument::<u32>().write_fixed(out, 1, student);
        ::rpc_core::private::argument::<Mark>().write_fixed(out, 2, mark);
        ::rpc_core::private::argument::<u32>().write_sized(out, 1, student);
        ::rpc_core::private::argument::<Mark>().write_sized(out, 2, mark);
    }
}
impl ::rpc_core::tlv::EncodeBody for MarksAddMark {
    fn encode_body(&self, out: &mut ::rpc_core::tlv::Writer<'_>) {
        Self::write(out, &self.student, &self.mark);
    }
}
impl<'a> ::rpc_core::tlv::DecodeBody<'a> for MarksAddMark {
    fn decode_body(
        input: &mut ::rpc_core::tlv::Reader<'a>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        let mut student = ::core::option::Option::None;
        let mut mark = ::core::option::Option::None;
        ::rpc_core::private::argument::<u32>().guess_fixed(input, 1, &mut student)?;
        ::rpc_core::private::argument::<Mark>().guess_fixed(input, 2, &mut mark)?;
        ::rpc_core::private::argument::<u32>().guess_sized(input, 1, &mut student)?;
        ::rpc_core::private::argument::<Mark>().guess_sized(input, 2, &mut mark)?;
        while let ::core::option::Option::Some(tag) = input.tag()? {
            match tag.number {
                1 => student = ::rpc_core::private::argument::<u32>().read(input, tag)?,
                2 => mark = ::rpc_core::private::argument::<Mark>().read(input, tag)?,
                _ => input.skip(tag.kind)?,
            }
        }
        ::core::result::Result::Ok(Self {
            student: ::rpc_core::private::argument::<u32>().required(input, 1, student)?,
            mark: ::rpc_core::private::argument::<Mark>().required(input, 2, mark)?,
        })
    }
}
/// The arguments of [`Marks::average`].
#[derive(::core::fmt::Debug)]
struct MarksAverage {
    /// The argument `student`.
    student: u32,
}
impl<'a> ::rpc_core::Request<'a> for MarksAverage {
    const METHOD: &'static ::rpc_core::Method = &::rpc_core::Method {
        service: ::rpc_core::ServiceId(7),
        opcode: ::rpc_core::Opcode(2),
        name: "average",
        retry: ::rpc_core::Retry::Idempotent,
        slow: false,
        deadline: ::core::option::Option::None,
        access: "",
        arguments: &[
            ::rpc_core::Field {
                number: 1,
                name: "student",
                shape: || ::rpc_core::private::argument::<u32>().shape(),
            },
        ],
        reply: ::rpc_core::private::reply_shape::<Self>,
        error: ::rpc_core::private::error_shape::<Self>,
    };
    type Reply = u32;
    type Error = MarksError;
    type Output = rpc_core::Result<u32, MarksError>;
}
impl MarksAverage {
    fn write(out: &mut ::rpc_core::tlv::Writer<'_>, student: &u32) {
        ::rpc_core::private::argument::<u32>().write_fixed(out, 1, student);
        ::rpc_core::private::argument::<u32>().write_sized(out, 1, student);
    }
}
impl ::rpc_core::tlv::EncodeBody for MarksAverage {
    fn encode_body(&self, out: &mut ::rpc_core::tlv::Writer<'_>) {
        Self::write(out, &self.student);
    }
}
impl<'a> ::rpc_core::tlv::DecodeBody<'a> for MarksAverage {
    fn decode_body(
        input: &mut ::rpc_core::tlv::Reader<'a>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        let mut student = ::core::option::Option::None;
        ::rpc_core::private::argument::<u32>().guess_fixed(input, 1, &mut student)?;
        ::rpc_core::private::argument::<u32>().guess_sized(input, 1, &mut student)?;
        while let ::core::option::Option::Some(tag) = input.tag()? {
            match tag.number {
                1 => student = ::rpc_core::private::argument::<u32>().read(input, tag)?,
                _ => input.skip(tag.kind)?,
            }
        }
        ::core::result::Result::Ok(Self {
            student: ::rpc_core::private::argument::<u32>().required(input, 1, student)?,
        })
    }
}
/// The client of [`Marks`]: each method is a call over a channel.
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
struct MarksClient {
    stub: ::rpc_core::private::Stub,
}
impl MarksClient {
    /// What [`Marks`] declares: its numbers and names.
    const SERVICE: ::rpc_core::Service = ::rpc_core::Service {
        id: ::rpc_core::ServiceId(7),
        name: "marks",
        open: true,
        methods: &[
            *<MarksAddMark as ::rpc_core::Request<'_>>::METHOD,
            *<MarksAverage as ::rpc_core::Request<'_>>::METHOD,
        ],
        retired: &[],
    };
    /// A client that calls over `channel`.
    #[must_use]
    fn new(channel: ::rpc_core::Channel) -> Self {
        Self {
            stub: ::rpc_core::private::Stub::new(channel),
        }
    }
    /// A client of the server at `host:port`, or of the first that answers of several, separated by commas.
    ///
    /// # Errors
    /// None of them can be reached.
    fn connect(
        addresses: &str,
    ) -> ::core::result::Result<Self, ::rpc_core::TransportError> {
        ::core::result::Result::Ok(Self::new(::rpc_core::Channel::connect(addresses)?))
    }
    /// The same client, whose calls have these options, and its own where these say nothing.
    #[must_use]
    fn with(&self, options: ::rpc_core::CallOptions) -> Self {
        Self {
            stub: self.stub.with(options),
        }
    }
    /// Starts [`Marks::add_mark`] and does not wait for its reply.
    ///
    /// Adds a mark; gives how many the student has now.
    fn start_add_mark(
        &self,
        student: u32,
        mark: Mark,
    ) -> ::rpc_core::Pending<u32, MarksError> {
        self.stub.start::<MarksAddMark>(|out| MarksAddMark::write(out, &student, &mark))
    }
    /// Starts [`Marks::average`] and does not wait for its reply.
    ///
    /// The mean, in hundredths, rounded down.
    fn start_average(&self, student: u32) -> ::rpc_core::Pending<u32, MarksError> {
        self.stub.start::<MarksAverage>(|out| MarksAverage::write(out, &student))
    }
}
impl Marks for MarksClient {
    fn add_mark(&self, student: u32, mark: Mark) -> rpc_core::Result<u32, MarksError> {
        self.stub.call::<MarksAddMark>(|out| MarksAddMark::write(out, &student, &mark))
    }
    fn average(&self, student: u32) -> rpc_core::Result<u32, MarksError> {
        self.stub.call::<MarksAverage>(|out| MarksAverage::write(out, &student))
    }
}
/// The server's half of [`Marks`]: a table of its methods in front of a handler.
struct MarksDispatch<H> {
    handler: H,
}
impl<H> MarksDispatch<H> {
    /// Calls go to `handler` once they are allowed.
    #[must_use]
    fn new(handler: H) -> Self {
        ::rpc_core::private::refuse_keyed_secrets(&MarksClient::SERVICE);
        Self { handler }
    }
}
impl<H> ::core::fmt::Debug for MarksDispatch<H> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.debug_struct("MarksDispatch").finish_non_exhaustive()
    }
}
impl<
    H: Marks + ::core::marker::Send + ::core::marker::Sync + 'static,
> ::rpc_core::Dispatch for MarksDispatch<H> {
    fn service(&self) -> &'static ::rpc_core::Service {
        &MarksClient::SERVICE
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
                    |request: MarksAddMark| {
                        Marks::add_mark(&self.handler, request.student, request.mark)
                    },
                )
            }
            2 => {
                ::rpc_core::private::answer(
                    body,
                    reply,
                    |request: MarksAverage| {
                        Marks::average(&self.handler, request.student)
                    },
                )
            }
            _ => ::rpc_core::private::unknown_opcode(),
        }
    }
}
