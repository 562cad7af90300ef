//! Our codec beside others in one process: the same samples, the rows taking turns, medians of several rounds, ratios to
//! prost of the same round. Round trips are checked before anything is measured.

mod arguments;
mod codec;
mod measure;
mod newer;
mod protobuf;
mod report;
mod row;
mod rows;
mod sample;
mod walk;

fn main() {
    let arguments = arguments::Arguments::parse();
    let tables: Vec<report::Table> = rows::all()
        .into_iter()
        .filter(|(sample, _)| arguments.only.as_deref().is_none_or(|only| only == *sample))
        .map(|(sample, rows)| measure::table(sample, rows, &arguments))
        .collect();
    report::print(&tables);
    if let Some(file) = &arguments.json {
        report::write(&tables, file);
    }
}
