//! Dates as JavaScript writes them into JSON.

/// The text of `Date.prototype.toJSON` for milliseconds since 1970, such as `1970-01-01T00:00:00.000Z`;
/// `None` where there is no such date (ECMAScript 2024, "Time Values and Time Range").
pub(super) fn to_iso(milliseconds: i64) -> Option<String> {
    /// Days to either side of 1970.
    const RANGE: i64 = 100_000_000;
    const DAY: i64 = 24 * 60 * 60 * 1000;
    if milliseconds.unsigned_abs() > RANGE.unsigned_abs() * DAY.unsigned_abs() {
        return None;
    }
    let (year, month, day) = date(milliseconds.div_euclid(DAY));
    let time = milliseconds.rem_euclid(DAY);
    let (hour, minute) = (time / 3_600_000, time / 60_000 % 60);
    let (second, fraction) = (time / 1000 % 60, time % 1000);
    let year = match year {
        0..=9999 => format!("{year:04}"),
        _ => format!("{year:+07}"),
    };
    Some(format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z"))
}

/// Year, month and day of a day since 1970, in the Gregorian calendar.
///
/// Years begin in March here, so that a leap day is a year's last, and 400 of them are one period.
fn date(days: i64) -> (i64, i64, i64) {
    /// Days of 400 years, of 100 of them without the leap day that ends the period, and so on down.
    const PERIOD: i64 = 146_097;
    const CENTURY: i64 = 36_524;
    const FOUR_YEARS: i64 = 1461;
    /// From the first of March of the year 0 to the first of January 1970.
    const EPOCH: i64 = 719_468;

    let days = days + EPOCH;
    let (period, day) = (days.div_euclid(PERIOD), days.rem_euclid(PERIOD));
    let century = (day / CENTURY).min(3);
    let day = day - century * CENTURY;
    let (four, day) = (day / FOUR_YEARS, day % FOUR_YEARS);
    let year = (day / 365).min(3);
    let day = day - year * 365;
    // Five months from March, or from August, have 153 days.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let year = 400 * period + 100 * century + 4 * four + year;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_javascript_writes_it() {
        for (milliseconds, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_799_999, "2000-02-29T23:59:59.999Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (1_709_251_199_001, "2024-02-29T23:59:59.001Z"),
            (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
            (-62_167_219_200_001, "-000001-12-31T23:59:59.999Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (253_402_300_800_000, "+010000-01-01T00:00:00.000Z"),
            (8_640_000_000_000_000, "+275760-09-13T00:00:00.000Z"),
            (-8_640_000_000_000_000, "-271821-04-20T00:00:00.000Z"),
        ] {
            assert_eq!(to_iso(milliseconds).unwrap(), expected);
        }
        for beyond in [8_640_000_000_000_001, -8_640_000_000_000_001, i64::MAX, i64::MIN] {
            assert_eq!(to_iso(beyond), None);
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut last = date(-1_000_000);
        for day in -999_999..1_000_000 {
            let (year, month, day_of_month) = date(day);
            let (last_year, last_month, last_day) = last;
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = match last_month {
                2 if leap => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            let next = match (last_day == length, last_month) {
                (false, _) => (last_year, last_month, last_day + 1),
                (true, 12) => (last_year + 1, 1, 1),
                (true, _) => (last_year, last_month + 1, 1),
            };
            assert_eq!((year, month, day_of_month), next);
            last = next;
        }
    }
}
