//! Small texts: points in time, and what may reach a terminal.

/// A text without control characters, which could move a terminal's cursor or change its colours. Line feeds stay.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A number of things: `1 mark`, `2 marks`.
pub(crate) fn counted(count: impl TryInto<u64>, thing: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// A point in time, from milliseconds since the Unix epoch, as RFC 3339 in UTC: `2026-03-01T08:30:00Z`.
///
/// Why by hand: it is the only date of the program, and the calendar takes a dozen lines.
pub(crate) fn utc(epoch_ms: u64) -> String {
    let seconds = epoch_ms / 1000;
    let (year, month, day) = civil_from_days(seconds / 86_400);
    let of_day = seconds % 86_400;
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", of_day / 3600, of_day / 60 % 60, of_day % 60)
}

/// The date that is `days` after 1970-01-01. Howard Hinnant's `civil_from_days`: years begin in March, so that the day
/// that comes and goes is the last one; an era is the 400 years after which the calendar repeats.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "no sum or product exceeds days + 719,468, and days is at most 2^64 / 86,400,000"
)]
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468; // days from 0000-03-01 to 1970-01-01
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_time_are_dates() {
        #[track_caller]
        fn check(epoch_ms: u64, expected: &str) {
            assert_eq!(utc(epoch_ms), expected);
        }
        check(0, "1970-01-01T00:00:00Z");
        check(951_782_400_000, "2000-02-29T00:00:00Z");
        check(951_868_799_999, "2000-02-29T23:59:59Z");
        check(951_868_800_000, "2000-03-01T00:00:00Z");
        check(1_000_000_000_000, "2001-09-09T01:46:40Z");
        check(1_735_689_599_000, "2024-12-31T23:59:59Z");
        check(4_107_542_400_000, "2100-03-01T00:00:00Z");
        assert!(utc(u64::MAX).ends_with('Z'));
    }

    #[test]
    fn one_thing_is_not_many() {
        assert_eq!([0, 1, 2].map(|count: u32| counted(count, "mark")), ["0 marks", "1 mark", "2 marks"]);
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(printable("a\x1b[2Jb\u{9b}c\nd"), "a\u{fffd}[2Jb\u{fffd}c\nd");
    }
}
