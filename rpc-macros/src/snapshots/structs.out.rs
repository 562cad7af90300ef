#[automatically_derived]
impl<'a> ::rpc_core::tlv::Encode for Entry<'a> {
    const SECRET: bool = false;
    fn shape() -> ::rpc_core::Shape {
        const FIELDS: &[::rpc_core::Field] = &[
            ::rpc_core::Field {
                number: 1,
                name: "id",
                shape: <MarkId as ::rpc_core::tlv::Encode>::shape,
            },
            ::rpc_core::Field {
                number: 2,
                name: "version",
                shape: <u32 as ::rpc_core::tlv::Encode>::shape,
            },
            ::rpc_core::Field {
                number: 3,
                name: "label",
                shape: <&'static str as ::rpc_core::tlv::Encode>::shape,
            },
        ];
        ::rpc_core::Shape::Message("Entry", FIELDS)
    }
    fn encode(&self, number: u16, out: &mut ::rpc_core::tlv::Writer<'_>) {
        out.message(number, |out| ::rpc_core::tlv::EncodeBody::encode_body(self, out));
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
        ::rpc_core::private::message::encode_group(number, rows, project, out);
    }
    #[allow(unused_variables)]
    fn encode_rows<'r, R, P>(
        rows: &'r [R],
        project: P,
        out: &mut ::rpc_core::tlv::Writer<'_>,
    )
    where
        P: ::core::ops::Fn(&'r R) -> &'r Self + ::core::marker::Copy,
        Self: 'r,
    {
        let fields = [
            (
                1,
                <MarkId as ::rpc_core::tlv::Encode>::KIND,
                <MarkId as ::rpc_core::tlv::Encode>::TEXT,
            ),
            (
                2,
                <u32 as ::rpc_core::tlv::Encode>::KIND,
                <u32 as ::rpc_core::tlv::Encode>::TEXT,
            ),
            (
                3,
                <&'a str as ::rpc_core::tlv::Encode>::KIND,
                <&'a str as ::rpc_core::tlv::Encode>::TEXT,
            ),
        ];
        let text = ::rpc_core::private::message::encode_walked(
            &fields,
            rows.len(),
            out,
            |columns| {
                let mut column0 = columns.next::<MarkId>(1);
                let mut column1 = columns.next::<u32>(2);
                let mut column2 = columns.next::<&'a str>(3);
                for (index, row) in ::core::iter::Iterator::enumerate(rows.iter()) {
                    let row = project(row);
                    columns.put(&mut column0, index, &row.id);
                    columns.put(&mut column1, index, &row.version);
                    columns.put(&mut column2, index, &row.label);
                }
            },
        );
        ::rpc_core::private::message::encode_sized_column(
            1,
            rows,
            move |row| &project(row).id,
            text,
            out,
        );
        ::rpc_core::private::message::encode_sized_column(
            2,
            rows,
            move |row| &project(row).version,
            text,
            out,
        );
        ::rpc_core::private::message::encode_sized_column(
            3,
            rows,
            move |row| &project(row).label,
            text,
            out,
        );
    }
}
#[automatically_derived]
impl<'a> ::rpc_core::tlv::EncodeBody for Entry<'a> {
    #[inline]
    #[allow(unused_variables)]
    fn encode_body(&self, out: &mut ::rpc_core::tlv::Writer<'_>) {
        ::rpc_core::private::message::encode_run::<
            {
                ::rpc_core::private::message::fixed_bytes(
                    &[
                        (1, <MarkId as ::rpc_core::tlv::Encode>::KIND),
                        (2, <u32 as ::rpc_core::tlv::Encode>::KIND),
                        (3, <&'static str as ::rpc_core::tlv::Encode>::KIND),
                    ],
                )
            },
        >(
            out,
            |fixed| {
                fixed.put(1, &self.id);
                fixed.put(2, &self.version);
                fixed.put(3, &self.label);
            },
        );
        ::rpc_core::private::message::encode_sized(out, 1, &self.id);
        ::rpc_core::private::message::encode_sized(out, 2, &self.version);
        ::rpc_core::private::message::encode_sized(out, 3, &self.label);
    }
}
#[automatically_derived]
impl<'a> ::rpc_core::tlv::Decode<'a> for Entry<'a> {
    type Column = (
        ::core::option::Option<<MarkId as ::rpc_core::tlv::Decode<'a>>::Column>,
        ::core::option::Option<<u32 as ::rpc_core::tlv::Decode<'a>>::Column>,
        ::core::option::Option<<&'a str as ::rpc_core::tlv::Decode<'a>>::Column>,
    );
    fn decode(
        kind: ::rpc_core::tlv::Kind,
        input: &mut ::rpc_core::tlv::Reader<'a>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        input.message(kind, ::rpc_core::tlv::DecodeBody::decode_body)
    }
    fn open(
        tag: ::rpc_core::tlv::Tag,
        rows: usize,
        input: &mut ::rpc_core::tlv::Reader<'a>,
    ) -> ::core::result::Result<Self::Column, ::rpc_core::tlv::DecodeError> {
        ::rpc_core::private::message::open_group::<Self>(tag, rows, input)
    }
    #[inline]
    #[allow(unused_variables)]
    fn next(
        columns: &mut Self::Column,
        input: &mut ::rpc_core::tlv::Reader<'a>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        let row = Self {
            id: ::rpc_core::private::message::next_required(&mut columns.0, 1, input)?,
            version: ::rpc_core::private::message::next_or_default(
                &mut columns.1,
                2,
                input,
            )?,
            label: ::rpc_core::private::message::next_required(&mut columns.2, 3, input)?,
        };
        ::rpc_core::private::message::checked(row, Entry::is_valid, input)
    }
    #[allow(unused_variables)]
    fn next_list(
        columns: &mut Self::Column,
        count: usize,
        input: &mut ::rpc_core::tlv::Reader<'a>,
    ) -> ::core::result::Result<::std::vec::Vec<Self>, ::rpc_core::tlv::DecodeError> {
        ::rpc_core::private::message::next_rows(
            count,
            || {
                let row = Self {
                    id: ::rpc_core::private::message::next_required(
                        &mut columns.0,
                        1,
                        input,
                    )?,
                    version: ::rpc_core::private::message::next_or_default(
                        &mut columns.1,
                        2,
                        input,
                    )?,
                    label: ::rpc_core::private::message::next_required(
                        &mut columns.2,
                        3,
                        input,
                    )?,
                };
                ::rpc_core::private::message::checked(row, Entry::is_valid, input)
            },
        )
    }
    #[allow(unused_mut)]
    fn open_rows(
        rows: usize,
        input: &mut ::rpc_core::tlv::Reader<'a>,
    ) -> ::core::result::Result<
        ::core::option::Option<Self::Column>,
        ::rpc_core::tlv::DecodeError,
    > {
        let mut columns: Self::Column = (
            ::core::option::Option::None,
            ::core::option::Option::None,
            ::core::option::Option::None,
        );
        while let ::core::option::Option::Some(tag) = ::rpc_core::private::message::column_tag(
            rows,
            input,
        )? {
            match tag.number {
                1 => {
                    let column = ::rpc_core::private::message::open_column::<
                        MarkId,
                    >(tag, rows, input)?;
                    columns.0 = ::core::option::Option::Some(column);
                }
                2 => {
                    let column = ::rpc_core::private::message::open_column::<
                        u32,
                    >(tag, rows, input)?;
                    columns.1 = ::core::option::Option::Some(column);
                }
                3 => {
                    let column = ::rpc_core::private::message::open_column::<
                        &'a str,
                    >(tag, rows, input)?;
                    columns.2 = ::core::option::Option::Some(column);
                }
                _ => ::rpc_core::private::message::skip_column(tag, rows, input)?,
            }
        }
        ::core::result::Result::Ok(::core::option::Option::Some(columns))
    }
}
#[automatically_derived]
impl<'a> ::rpc_core::tlv::DecodeBody<'a> for Entry<'a> {
    #[inline]
    fn decode_body(
        input: &mut ::rpc_core::tlv::Reader<'a>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        let read = |input: &mut ::rpc_core::tlv::Reader<'a>| {
            let mut id = ::core::option::Option::None;
            let mut version = ::core::option::Option::None;
            let mut label = ::core::option::Option::None;
            ::rpc_core::private::message::guess_fixed(1, &mut id, input)?;
            ::rpc_core::private::message::guess_fixed(2, &mut version, input)?;
            ::rpc_core::private::message::guess_fixed(3, &mut label, input)?;
            ::rpc_core::private::message::guess_sized(1, &mut id, input)?;
            ::rpc_core::private::message::guess_sized(2, &mut version, input)?;
            ::rpc_core::private::message::guess_sized(3, &mut label, input)?;
            while let ::core::option::Option::Some(tag) = input.tag()? {
                match tag.number {
                    1 => {
                        id = ::core::option::Option::Some(
                            ::rpc_core::private::message::decode_field(tag, input)?,
                        );
                    }
                    2 => {
                        version = ::core::option::Option::Some(
                            ::rpc_core::private::message::decode_field(tag, input)?,
                        );
                    }
                    3 => {
                        label = ::core::option::Option::Some(
                            ::rpc_core::private::message::decode_field(tag, input)?,
                        );
                    }
                    _ => input.skip(tag.kind)?,
                }
            }
            ::core::result::Result::Ok(Self {
                id: ::rpc_core::private::message::required(id, 1, input)?,
                version: version.unwrap_or_default(),
                label: ::rpc_core::private::message::required(label, 3, input)?,
            })
        };
        let message = read(input)?;
        ::rpc_core::private::message::checked(message, Entry::is_valid, input)
    }
}
#[automatically_derived]
impl ::rpc_core::tlv::Encode for MarkId {
    const KIND: ::core::option::Option<::rpc_core::tlv::Kind> = <u64 as ::rpc_core::tlv::Encode>::KIND;
    const SECRET: bool = false || <u64 as ::rpc_core::tlv::Encode>::SECRET;
    const TEXT: bool = <u64 as ::rpc_core::tlv::Encode>::TEXT;
    const LIST: ::rpc_core::tlv::ListForm = <u64 as ::rpc_core::tlv::Encode>::LIST;
    fn shape() -> ::rpc_core::Shape {
        <u64 as ::rpc_core::tlv::Encode>::shape()
    }
    #[inline]
    fn is_absent(&self) -> bool {
        self.0.is_absent()
    }
    #[inline]
    fn encode(&self, number: u16, out: &mut ::rpc_core::tlv::Writer<'_>) {
        self.0.encode(number, out);
    }
    #[inline]
    fn put(&self, place: &mut [u8]) {
        self.0.put(place);
    }
    #[inline]
    fn text(&self) -> &str {
        self.0.text()
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
        <u64 as ::rpc_core::tlv::Encode>::encode_column(
            number,
            rows,
            move |row| &project(row).0,
            out,
        );
    }
    fn encode_rows<'r, R, P>(
        rows: &'r [R],
        project: P,
        out: &mut ::rpc_core::tlv::Writer<'_>,
    )
    where
        P: ::core::ops::Fn(&'r R) -> &'r Self + ::core::marker::Copy,
        Self: 'r,
    {
        <u64 as ::rpc_core::tlv::Encode>::encode_rows(
            rows,
            move |row| &project(row).0,
            out,
        );
    }
}
#[automatically_derived]
impl<'buffer> ::rpc_core::tlv::Decode<'buffer> for MarkId {
    type Column = <u64 as ::rpc_core::tlv::Decode<'buffer>>::Column;
    const OPTIONAL: bool = <u64 as ::rpc_core::tlv::Decode<'buffer>>::OPTIONAL;
    #[inline]
    fn absent() -> ::core::option::Option<Self> {
        <u64 as ::rpc_core::tlv::Decode<'buffer>>::absent().map(Self)
    }
    #[inline]
    fn decode(
        kind: ::rpc_core::tlv::Kind,
        input: &mut ::rpc_core::tlv::Reader<'buffer>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        <u64 as ::rpc_core::tlv::Decode<'buffer>>::decode(kind, input).map(Self)
    }
    fn open(
        tag: ::rpc_core::tlv::Tag,
        rows: usize,
        input: &mut ::rpc_core::tlv::Reader<'buffer>,
    ) -> ::core::result::Result<Self::Column, ::rpc_core::tlv::DecodeError> {
        <u64 as ::rpc_core::tlv::Decode<'buffer>>::open(tag, rows, input)
    }
    #[inline]
    fn next(
        column: &mut Self::Column,
        input: &mut ::rpc_core::tlv::Reader<'buffer>,
    ) -> ::core::result::Result<Self, ::rpc_core::tlv::DecodeError> {
        <u64 as ::rpc_core::tlv::Decode<'buffer>>::next(column, input).map(Self)
    }
    fn open_rows(
        rows: usize,
        input: &mut ::rpc_core::tlv::Reader<'buffer>,
    ) -> ::core::result::Result<
        ::core::option::Option<Self::Column>,
        ::rpc_core::tlv::DecodeError,
    > {
        <u64 as ::rpc_core::tlv::Decode<'buffer>>::open_rows(rows, input)
    }
}
