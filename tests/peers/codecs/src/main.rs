//! Our codec beside others in one process: the same samples, the rows taking turns, medians of several rounds, ratios to
//! prost of the same round. Round trips are checked before anything is measured.

mod arguments;
mod codec;
mod measure;
#[allow(dead_code, unreachable_pub, reason = "the library of the tests, where it lies, has more uses for it")]
#[path = "../../../src/measured.rs"]
mod measured;
mod newer;
mod protobuf;
mod report;
mod row;
mod rows;
mod sample;
mod walk;

fn main() {
    let arguments = arguments::Arguments::parse();
    let mut measured = measured::Measured::here();
    println!("{}; in brackets what prost's figure is multiplied by", report::BUILD);
    for (sample, rows) in rows::all() {
        if arguments.only.as_deref().is_none_or(|only| only == sample) {
            let table = report::table(sample, &measure::lines(rows, &arguments));
            println!("\n{}", table.to_text());
            measured.tables.push(table);
        }
    }
    if let Some(file) = &arguments.json {
        report::write(&measured, file);
    }
}
