//! What may stand where people name something: one rule for every name, number, label and reason, in one place.

/// What a text names; it decides how long the text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// A promotion's name.
    Promotion,
    /// A student's number.
    StudentNumber,
    /// A student's name.
    StudentName,
    /// An account's name.
    Account,
    /// What a mark was given for; may be empty.
    Label,
    /// Why a mark was corrected.
    Reason,
}

impl NameKind {
    /// The largest number of characters.
    #[must_use]
    pub const fn chars_max(self) -> usize {
        match self {
            // What is printed on a card or typed to sign in fits a line of a terminal with room beside it.
            Self::StudentNumber | Self::Account => 64,
            // The longest official names of people and courses stay below 200; a table still shows them.
            Self::Promotion | Self::StudentName | Self::Label => 200,
            // A sentence or two: a history, not a correspondence.
            Self::Reason => 500,
        }
    }

    /// Whether `text` may stand there: at least one character (a label may be empty), at most [`Self::chars_max`], no
    /// blank at either end, no control character, nothing that ends a line or turns the direction of the text around it.
    ///
    /// Why so strict: two names that look alike in a list must be alike, and a name must not be able to rewrite the line
    /// of a table or of a log that it is shown in. Inside these bounds any script is welcome; texts are compared byte by byte.
    ///
    /// ```
    /// use grades_api::model::NameKind;
    ///
    /// assert!(NameKind::Promotion.accepts("L3 Réseaux 2026"));
    /// assert!(!NameKind::Promotion.accepts(" L3"));
    /// ```
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        let is_empty_label = text.is_empty() && self == Self::Label;
        is_empty_label
            || (!text.is_empty()
                && text.trim().len() == text.len()
                && text.chars().take(self.chars_max().saturating_add(1)).count() <= self.chars_max()
                && !text.chars().any(disturbs_a_line))
    }
}

fn disturbs_a_line(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::NameKind;

    const ALL: [NameKind; 6] = [
        NameKind::Promotion,
        NameKind::StudentNumber,
        NameKind::StudentName,
        NameKind::Account,
        NameKind::Label,
        NameKind::Reason,
    ];

    fn check(text: &str, expected: bool) {
        for kind in ALL {
            assert_eq!(kind.accepts(text), expected, "{text:?} as {kind:?}");
        }
    }

    #[test]
    fn names_of_any_script_are_accepted() {
        for text in ["a", "GP-0001", "Élodie d'Haüy", "張偉", "نرگس", "O'Neil, Jr.", "L3  Info", "می\u{200c}خواهم"]
        {
            check(text, true);
        }
    }

    #[test]
    fn blanks_at_the_ends_and_characters_that_disturb_a_line_are_refused() {
        for text in
            [" ", " a", "a ", "a\t", "\u{a0}a", "a\nb", "a\0b", "a\u{7f}b", "a\u{1b}[2Jb", "a\u{85}b", "a\u{2028}b"]
        {
            check(text, false);
        }
        check("a\u{202e}b", false);
        check("a\u{2066}b", false);
        check("\u{feff}a", false);
    }

    #[test]
    fn only_a_label_may_be_empty() {
        for kind in ALL {
            assert_eq!(kind.accepts(""), kind == NameKind::Label, "{kind:?}");
        }
    }

    #[test]
    fn a_name_is_held_to_its_number_of_characters_not_bytes() {
        for kind in ALL {
            let chars = |count| kind.accepts(&"é".repeat(count));
            assert!(chars(kind.chars_max() - 1) && chars(kind.chars_max()), "{kind:?}");
            assert!(!chars(kind.chars_max() + 1), "{kind:?}");
        }
    }
}
