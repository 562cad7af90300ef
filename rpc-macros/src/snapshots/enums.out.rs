#[automatically_derived]
impl ::rpc_core::tlv::Encode for Failure {
    const SECRET: bool = false;
    fn shape() -> ::rpc_core::Shape {
        const VARIANTS: &[(u32, &str, &[::rpc_core::Field])] = &[
            (1, "NotFound", &[]),
            (
                2,
                "Conflict",
                &[
                    ::rpc_core::Field {
                        number: 1,
                        name: "current",
                        shape: <u32 as ::rpc_core::tlv::Encode>::shape,
                    },
                ],
            ),
        ];
        ::rpc_core::Shape::Enum("Failure", VARIANTS)
    }
    fn encode(&self, number: u16, out: &mut ::rpc_core::tlv::Writer<'_>) {
        match self {
            Self::NotFound { .. } => {
                <u32 as ::rpc_core::tlv::Encode>::encode(&1, number, out)
            }
            Self::Conflict { current } => {
                out.message(
                    number,
                    |out| {
                        out.bytes(&u32::to_le_bytes(2));
                        ::rpc_core::private::message::encode_run::<
                            {
                                ::rpc_core::private::message::fixed_bytes(
                                    &[(1, <u32 as ::rpc_core::tlv::Encode>::KIND)],
                                )
                            },
                        >(
                            out,
                            |fixed| {
                                fixed.put(1, current);
                            },
                        );
                        ::rpc_core::private::message::encode_sized(out, 1, current);
                    },
                )
            }
            Self::Other(unknown) => ::rpc_core::tlv::Encode::encode(unknown, number, out),
        }
    }
}
#[automatically_derived]
impl<'buffer> ::rpc_core::private::message::Variants<'buffer> for Failure {
    fn decode_fields(
        number: u32,
        input: &mut ::rpc_core::tlv::Reader<'buffer>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        match number {
            1 => {
                ::rpc_core::private::message::skip_fields(input)?;
                ::core::result::Result::Ok(Self::NotFound {})
            }
            2 => {
                let mut current = ::core::option::Option::None;
                ::rpc_core::private::message::guess_fixed(1, &mut current, input)?;
                ::rpc_core::private::message::guess_sized(1, &mut current, input)?;
                while let ::core::option::Option::Some(tag) = input.tag()? {
                    match tag.number {
                        1 => {
                            current = ::core::option::Option::Some(
                                ::rpc_core::private::message::decode_field(tag, input)?,
                            );
                        }
                        _ => input.skip(tag.kind)?,
                    }
                }
                ::core::result::Result::Ok(Self::Conflict {
                    current: ::rpc_core::private::message::required(current, 1, input)?,
                })
            }
            unknown => {
                ::rpc_core::private::message::skip_fields(input)?;
                ::core::result::Result::Ok(Self::Other(unknown))
            }
        }
    }
}
#[automatically_derived]
impl<'buffer> ::rpc_core::tlv::Decode<'buffer> for Failure {
    type Column = ::rpc_core::private::message::EnumColumn<'buffer>;
    #[inline]
    fn decode(
        kind: ::rpc_core::tlv::Kind,
        input: &mut ::rpc_core::tlv::Reader<'buffer>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        ::rpc_core::private::message::decode_variant(kind, input)
    }
    fn open(
        tag: ::rpc_core::tlv::Tag,
        rows: usize,
        input: &mut ::rpc_core::tlv::Reader<'buffer>,
    ) -> ::core::result::Result<Self::Column, ::rpc_core::tlv::DecodeError> {
        ::rpc_core::private::message::open_variant(tag, rows, input)
    }
    #[inline]
    fn next(
        column: &mut Self::Column,
        input: &mut ::rpc_core::tlv::Reader<'buffer>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        ::rpc_core::private::message::next_variant(column, input)
    }
}
#[automatically_derived]
impl ::rpc_core::AppError for Failure {}
#[automatically_derived]
impl ::rpc_core::tlv::Encode for Role {
    const SECRET: bool = false;
    fn shape() -> ::rpc_core::Shape {
        const VARIANTS: &[(u32, &str, &[::rpc_core::Field])] = &[
            (1, "Teacher", &[]),
            (2, "Student", &[]),
        ];
        ::rpc_core::Shape::Enum("Role", VARIANTS)
    }
    const KIND: ::core::option::Option<::rpc_core::tlv::Kind> = <u32 as ::rpc_core::tlv::Encode>::KIND;
    #[inline]
    fn encode(&self, number: u16, out: &mut ::rpc_core::tlv::Writer<'_>) {
        ::rpc_core::private::message::encode_put(number, self, out);
    }
    #[inline]
    fn put(&self, place: &mut [u8]) {
        let number: u32 = match *self {
            Self::Teacher { .. } => 1,
            Self::Student { .. } => 2,
        };
        ::rpc_core::tlv::Encode::put(&number, place);
    }
    fn encode_column<'r, R, P>(
        number: u16,
        rows: &'r [R],
        project: P,
        out: &mut ::rpc_core::tlv::Writer<'_>,
    )
    where
        P: ::core::ops::Fn(&'r R) -> &'r Self + ::core::marker::Copy,
        Self: 'r,
    {
        ::rpc_core::private::message::encode_put_column(number, rows, project, out);
    }
}
#[automatically_derived]
impl<'buffer> ::rpc_core::private::message::Variants<'buffer> for Role {
    fn decode_fields(
        number: u32,
        input: &mut ::rpc_core::tlv::Reader<'buffer>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        match number {
            1 => {
                ::rpc_core::private::message::skip_fields(input)?;
                ::core::result::Result::Ok(Self::Teacher {})
            }
            2 => {
                ::rpc_core::private::message::skip_fields(input)?;
                ::core::result::Result::Ok(Self::Student {})
            }
            _ => {
                ::core::result::Result::Err(
                    ::rpc_core::private::message::unknown_variant(input),
                )
            }
        }
    }
}
#[automatically_derived]
impl<'buffer> ::rpc_core::tlv::Decode<'buffer> for Role {
    type Column = ::rpc_core::private::message::EnumColumn<'buffer>;
    #[inline]
    fn decode(
        kind: ::rpc_core::tlv::Kind,
        input: &mut ::rpc_core::tlv::Reader<'buffer>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        ::rpc_core::private::message::decode_variant(kind, input)
    }
    fn open(
        tag: ::rpc_core::tlv::Tag,
        rows: usize,
        input: &mut ::rpc_core::tlv::Reader<'buffer>,
    ) -> ::core::result::Result<Self::Column, ::rpc_core::tlv::DecodeError> {
        ::rpc_core::private::message::open_variant(tag, rows, input)
    }
    #[inline]
    fn next(
        column: &mut Self::Column,
        input: &mut ::rpc_core::tlv::Reader<'buffer>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        ::rpc_core::private::message::next_variant(column, input)
    }
}
