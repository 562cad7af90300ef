//! One argument, as the expansion of the attribute writes, reads and describes it.
//!
//! Why not plain functions with a bound: a type without a wire form would then be an error at each of its uses. The
//! attribute checks each type once, at its place in the trait, with [`has_wire_form`]; everywhere else it calls methods of
//! [`Argument`]. Where the type has no wire form, [`Argument`] has no such methods, and those of [`NoWireForm`], which
//! it dereferences to, take their place without a word. They never run, since the check has ended the build.
#![allow(clippy::unused_self, reason = "the type of `self` is what matters")]

use std::{marker::PhantomData, ops::Deref};

use crate::{
    Shape,
    tlv::{Decode, DecodeError, Encode, Reader, Tag, Writer, message},
};

/// An argument of the type `T`, read from the buffer `'a`.
#[derive(Debug)]
pub struct Argument<'a, T: ?Sized> {
    fallback: NoWireForm<'a, T>,
}

/// An argument of a type that can't cross the wire.
#[derive(Debug)]
pub struct NoWireForm<'a, T: ?Sized> {
    marker: PhantomData<&'a T>,
}

/// An argument of the type `T`.
#[must_use]
pub const fn argument<'a, T: ?Sized>() -> Argument<'a, T> {
    Argument { fallback: NoWireForm { marker: PhantomData } }
}

/// Ends the build at a type that has no wire form.
pub const fn has_wire_form<'a, T: Decode<'a>>() {}

/// The same; and tells whether it is a secret.
#[must_use]
pub const fn is_secret<'a, T: Decode<'a>>() -> bool {
    T::SECRET
}

impl<T: Encode + ?Sized> Argument<'_, T> {
    pub fn shape(&self) -> Shape {
        T::shape()
    }

    /// First pass over the arguments: those of fixed size, in ascending order (Wire §4.3).
    #[inline]
    pub fn write_fixed(&self, out: &mut Writer<'_>, number: u16, value: &T) {
        message::encode_fixed(out, number, value);
    }

    /// Second pass: all others that are there.
    #[inline]
    pub fn write_sized(&self, out: &mut Writer<'_>, number: u16, value: &T) {
        message::encode_sized(out, number, value);
    }
}

impl<'a, T: Decode<'a>> Argument<'a, T> {
    /// Takes the argument where an encoder puts it, if it is of fixed size.
    #[inline]
    pub fn guess_fixed(&self, input: &mut Reader<'a>, number: u16, value: &mut Option<T>) -> Result<(), DecodeError> {
        message::guess_fixed(number, value, input)
    }

    /// Takes the argument where an encoder puts it, if it is of no fixed size.
    #[inline]
    pub fn guess_sized(&self, input: &mut Reader<'a>, number: u16, value: &mut Option<T>) -> Result<(), DecodeError> {
        message::guess_sized(number, value, input)
    }

    /// Reads the argument wherever it stands.
    #[inline]
    pub fn read(&self, input: &mut Reader<'a>, tag: Tag) -> Result<Option<T>, DecodeError> {
        message::decode_field(tag, input).map(Some)
    }

    /// The argument, or what a missing one stands for.
    #[inline]
    pub fn required(&self, input: &Reader<'a>, number: u16, value: Option<T>) -> Result<T, DecodeError> {
        message::required(value, number, input)
    }
}

impl<'a, T: ?Sized> Deref for Argument<'a, T> {
    type Target = NoWireForm<'a, T>;

    fn deref(&self) -> &Self::Target {
        &self.fallback
    }
}

const NEVER: &str = "the build ends before a type without a wire form is used";

impl<T: ?Sized> NoWireForm<'_, T> {
    pub fn shape(&self) -> Shape {
        unreachable!("{NEVER}")
    }

    pub fn write_fixed(&self, _out: &mut Writer<'_>, _number: u16, _value: &T) {
        unreachable!("{NEVER}")
    }

    pub fn write_sized(&self, _out: &mut Writer<'_>, _number: u16, _value: &T) {
        unreachable!("{NEVER}")
    }
}

impl<T> NoWireForm<'_, T> {
    pub fn guess_fixed(&self, _: &mut Reader<'_>, _number: u16, _value: &mut Option<T>) -> Result<(), DecodeError> {
        unreachable!("{NEVER}")
    }

    pub fn guess_sized(&self, _: &mut Reader<'_>, _number: u16, _value: &mut Option<T>) -> Result<(), DecodeError> {
        unreachable!("{NEVER}")
    }

    pub fn read(&self, _: &mut Reader<'_>, _tag: Tag) -> Result<Option<T>, DecodeError> {
        unreachable!("{NEVER}")
    }

    pub fn required(&self, _: &Reader<'_>, _number: u16, _value: Option<T>) -> Result<T, DecodeError> {
        unreachable!("{NEVER}")
    }
}
