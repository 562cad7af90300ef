//! Which promotions and students a caller may reach: decided in the snapshot or transaction of the call itself, where it
//! can't change any more.
//!
//! An administrator learns what is missing. A teacher is told *forbidden* of what is not theirs, whether it exists or not; a
//! student *not found*.

use grades_api::{
    GradesError,
    model::{MarkId, Promotion, Role},
};
use rpc_core::{Error, Result};

use crate::{
    auth::sessions::Session,
    store::{MarkPlace, PromotionId, StudentRow, View},
};

/// The promotion, if the caller may keep its marks.
pub(crate) fn promotion(view: &mut dyn View, caller: &Session, name: &str) -> Result<PromotionId, GradesError> {
    let found = view.promotion(name)?;
    match caller.role {
        Role::Administrator => found.ok_or(Error::App(GradesError::NotFound)),
        Role::Teacher => {
            let promotion = found.ok_or(GradesError::Forbidden)?;
            attached(view, caller, promotion)
        }
        Role::Student => Err(Error::App(GradesError::NotFound)),
    }
}

/// The student, if the caller may see their marks.
pub(crate) fn student(
    view: &mut dyn View,
    caller: &Session,
    promotion_name: &str,
    number: &str,
) -> Result<StudentRow, GradesError> {
    let promotion = if caller.role == Role::Student {
        let own = view.bound_student(caller.account)?.map(|(_, key)| key);
        if own.is_none_or(|key| key.promotion != promotion_name || key.number != number) {
            return Err(GradesError::NotFound.into());
        }
        view.promotion(promotion_name)?.ok_or(GradesError::NotFound)?
    } else {
        promotion(view, caller, promotion_name)?
    };
    view.student(promotion, number)?.ok_or(Error::App(GradesError::NotFound))
}

/// The mark, if the caller may correct it.
pub(crate) fn mark(view: &mut dyn View, caller: &Session, id: MarkId) -> Result<MarkPlace, GradesError> {
    let found = view.mark(id)?;
    match caller.role {
        Role::Administrator => found.ok_or(Error::App(GradesError::NotFound)),
        Role::Teacher => {
            let place = found.ok_or(GradesError::Forbidden)?;
            attached(view, caller, place.promotion)?;
            Ok(place)
        }
        Role::Student => Err(Error::App(GradesError::NotFound)),
    }
}

/// The promotions that the caller may know of, by name.
pub(crate) fn promotions(view: &mut dyn View, caller: &Session) -> Result<Vec<Promotion>, GradesError> {
    let names = match caller.role {
        Role::Administrator => return Ok(view.promotions()?),
        Role::Teacher => view.attachments(caller.account)?,
        Role::Student => view.bound_student(caller.account)?.into_iter().map(|(_, key)| key.promotion).collect(),
    };
    let mut promotions = Vec::with_capacity(names.len());
    for name in names {
        promotions.extend(view.promotion_summary(&name)?);
    }
    Ok(promotions)
}

fn attached(view: &mut dyn View, caller: &Session, promotion: PromotionId) -> Result<PromotionId, GradesError> {
    if view.is_attached(caller.account, promotion)? { Ok(promotion) } else { Err(Error::App(GradesError::Forbidden)) }
}
