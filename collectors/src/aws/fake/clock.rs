//! The fake's clock: a question that was signed at a time that it does not believe is refused.

/// What Amazon says of a question that was signed more than five minutes before or after its own time.
pub fn too_far(signed: &str, now: i64) -> Option<String> {
    // "20260101T001000Z"
    let number = |range: std::ops::Range<usize>| signed.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    // Days since the epoch, with years that begin in March.
    let (shifted, from_march) = (year - i64::from(month < 3), (month + 9) % 12);
    let days =
        shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + (153 * from_march + 2) / 5 + day - 1 - 719_468;
    let at = days * 86_400 + number(9..11)? * 3_600 + number(11..13)? * 60 + number(13..15)?;
    match now - at {
        late if late > 300 => Some(format!(
            "Signature expired: {signed} is now earlier than 20260101T000500Z (20260101T001000Z - 5 min.)"
        )),
        early if early < -300 => Some(format!(
            "Signature not yet current: {signed} is still later than 20260101T000500Z (20260101T000000Z + 5 min.)"
        )),
        _ => None,
    }
}
