//! Takes times: in each round every row does the same thing for the same while, another row first each time, so that a slow
//! minute of the machine meets all.

use std::time::{Duration, Instant};

use crate::{
    arguments::Arguments,
    report::Line,
    row::{Repeat, Row},
};

/// Measures all rows of a sample.
pub(crate) fn lines(mut rows: Vec<Row>, arguments: &Arguments) -> Vec<Line> {
    let mut column = |part: fn(&mut Row) -> &mut Option<Repeat>| column(&mut rows, part, arguments);
    let encode = column(|row| &mut row.encode);
    let decode = column(|row| &mut row.decode);
    let read = column(|row| &mut row.read);
    let newer = column(|row| &mut row.newer);
    let lines = rows.iter().zip(encode).zip(decode).zip(read).zip(newer);
    let lines = lines.map(|((((row, encode), decode), read), newer)| Line {
        codec: row.codec,
        bytes: row.bytes,
        encode,
        decode,
        read,
        newer,
    });
    lines.collect()
}

/// Nanoseconds of each row in each round; none where the codec can't do it.
fn column(rows: &mut [Row], part: fn(&mut Row) -> &mut Option<Repeat>, arguments: &Arguments) -> Vec<Vec<f64>> {
    let mut times = vec![Vec::new(); rows.len()];
    let counts: Vec<u64> =
        rows.iter_mut().map(|row| part(row).as_mut().map_or(0, |repeat| count(repeat, arguments.batch))).collect();
    for round in 0..arguments.rounds {
        for turn in 0..rows.len() {
            let index = (turn + round) % rows.len();
            if let Some(repeat) = part(&mut rows[index]) {
                times[index].push(time(repeat, counts[index]).as_nanos() as f64 / counts[index] as f64);
            }
        }
    }
    times
}

/// How often a row does its thing in a batch of this length. This warms it up, too.
fn count(repeat: &mut Repeat, batch: Duration) -> u64 {
    let mut count = 1;
    loop {
        let took = time(repeat, count);
        if took * 2 > batch {
            let exact = count as f64 * batch.as_secs_f64() / took.as_secs_f64();
            return (exact as u64).max(1);
        }
        count *= 2;
    }
}

fn time(repeat: &mut Repeat, times: u64) -> Duration {
    let start = Instant::now();
    repeat(times);
    start.elapsed()
}
