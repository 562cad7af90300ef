//! A walk over every field of a value: what reading it costs at least, and what a view must not put off for later.

use crate::sample::{
    ArchivedCall, ArchivedGrade, ArchivedPromotion, ArchivedStudent, Call, CallView, Grade, GradeView, Promotion,
    PromotionView, Student, StudentView,
};

/// A value whose fields can all be looked at.
pub(crate) trait Walk {
    /// A sum over every field; of a text, its length and its last byte.
    fn walk(&self) -> u64;
}

fn text(text: &str) -> u64 {
    let last = text.as_bytes().last().copied().unwrap_or_default();
    text.len() as u64 + u64::from(last)
}

fn sum<T: Walk>(rows: &[T]) -> u64 {
    rows.iter().map(Walk::walk).fold(0, u64::wrapping_add)
}

fn call(session: &[u8; 16], [promotion, student, value, coefficient]: [u64; 4], label: &str) -> u64 {
    let session = u128::from_le_bytes(*session) as u64;
    [session, promotion, student, value, coefficient, text(label)].into_iter().fold(0, u64::wrapping_add)
}

fn grade([value, coefficient, at_ms]: [u64; 3], label: &str) -> u64 {
    [value, coefficient, at_ms, text(label)].into_iter().fold(0, u64::wrapping_add)
}

macro_rules! walk {
    ($($call:ty, $promotion:ty, $student:ty, $grade:ty;)*) => {$(
        impl Walk for $call {
            fn walk(&self) -> u64 {
                let numbers = [self.promotion, self.student, self.value.to_bits(), self.coefficient.to_bits()];
                call(&self.session, numbers, &self.label)
            }
        }

        impl Walk for $promotion {
            fn walk(&self) -> u64 {
                text(&self.name).wrapping_add(sum(&self.students))
            }
        }

        impl Walk for $student {
            fn walk(&self) -> u64 {
                self.id.wrapping_add(text(&self.name)).wrapping_add(sum(&self.grades))
            }
        }

        impl Walk for $grade {
            fn walk(&self) -> u64 {
                grade([self.value.to_bits(), self.coefficient.to_bits(), self.at_ms], &self.label)
            }
        }
    )*};
}

walk! {
    Call, Promotion, Student, Grade;
    CallView<'_>, PromotionView<'_>, StudentView<'_>, GradeView<'_>;
}

impl Walk for ArchivedCall {
    fn walk(&self) -> u64 {
        let floats = [self.value, self.coefficient].map(|value| value.to_native().to_bits());
        let numbers = [self.promotion.to_native(), self.student.to_native(), floats[0], floats[1]];
        call(&self.session, numbers, &self.label)
    }
}

impl Walk for ArchivedPromotion {
    fn walk(&self) -> u64 {
        text(&self.name).wrapping_add(sum(&self.students))
    }
}

impl Walk for ArchivedStudent {
    fn walk(&self) -> u64 {
        self.id.to_native().wrapping_add(text(&self.name)).wrapping_add(sum(&self.grades))
    }
}

impl Walk for ArchivedGrade {
    fn walk(&self) -> u64 {
        let floats = [self.value, self.coefficient].map(|value| value.to_native().to_bits());
        grade([floats[0], floats[1], self.at_ms.to_native()], &self.label)
    }
}
