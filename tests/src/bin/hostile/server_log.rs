//! What a server tells of its connections at `--log debug`: a line for each call and for each end, with the time.

use std::{collections::HashMap, time::Duration};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long each connection that was closed for this reason had had no call, in the order in which they were closed.
pub(crate) fn closed(log: &str, reason: &str) -> Vec<Duration> {
    let reason = format!("reason={reason}");
    let mut last_calls: HashMap<&str, Duration> = HashMap::new();
    let mut closed = Vec::new();
    for line in log.lines() {
        let Some((at, peer)) = time_of_day(line).zip(peer(line)) else { continue };
        if line.contains(" call peer=") {
            last_calls.insert(peer, at);
        } else if line.contains(" disconnected ") && line.ends_with(&reason) {
            let last = last_calls.remove(peer).unwrap_or(at);
            closed.push(if at < last { at + DAY - last } else { at - last });
        }
    }
    closed
}

/// Of `2026-11-22T17:09:43.075334Z`.
fn time_of_day(line: &str) -> Option<Duration> {
    let mut parts = line.split(' ').next()?.split('T').nth(1)?.trim_end_matches('Z').split(':');
    let mut next = || parts.next()?.parse::<f64>().ok();
    Some(Duration::from_secs_f64(next()? * 3_600.0 + next()? * 60.0 + next()?))
}

fn peer(line: &str) -> Option<&str> {
    line.split_once("peer=")?.1.split(' ').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_from_the_last_call_to_the_end_is_told_across_midnight() {
        let log = "\
            2026-11-22T23:59:58.500000Z DEBUG call peer=127.0.0.1:1 method=\"a\" status=ok\n\
            2026-11-22T23:59:59.000000Z DEBUG call peer=127.0.0.1:2 method=\"a\" status=ok\n\
            2026-11-22T23:59:59.500000Z DEBUG disconnected connection=2 peer=127.0.0.1:2 reason=Peer\n\
            2026-11-23T00:00:00.000000Z DEBUG disconnected connection=1 peer=127.0.0.1:1 reason=WriteDeadline\n";
        assert_eq!(closed(log, "WriteDeadline"), [Duration::from_millis(1_500)]);
        assert_eq!(closed(log, "Peer"), [Duration::from_millis(500)]);
    }
}
