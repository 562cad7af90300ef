//! What a suite found, and the table of them all.

use std::time::Duration;

/// What a suite found.
#[derive(Debug, Default)]
pub(crate) struct Report {
    cases: u64,
    panics: u64,
    hangs: u64,
    wrong: u64,
    skipped: u64,
    /// Each panic, hang and wrong outcome, in a sentence.
    complaints: Vec<String>,
    figures: Vec<String>,
    peak_bytes: u64,
    slowest_cut: Duration,
}

impl Report {
    /// A suite that ended in a panic of its own: something it relies on was not so.
    pub(crate) fn of_panic(why: String) -> Self {
        Self { cases: 1, wrong: 1, complaints: vec![why], ..Self::default() }
    }

    /// A suite that did not end.
    pub(crate) fn of_hang(after: Duration) -> Self {
        Self { cases: 1, hangs: 1, complaints: vec![format!("did not end within {after:?}")], ..Self::default() }
    }

    /// Judges one case.
    pub(crate) fn check(&mut self, right: bool, otherwise: impl FnOnce() -> String) {
        self.cases += 1;
        if !right {
            self.wrong += 1;
            self.complaints.push(otherwise());
        }
    }

    /// Notes a case that can't be tried here.
    pub(crate) fn skip(&mut self, why: &str) {
        self.skipped += 1;
        self.figures.push(format!("SKIPPED: {why}"));
    }

    /// Looks for panics in what a server has logged.
    pub(crate) fn look_for_panics(&mut self, log: &str) {
        for line in log.lines().filter(|line| line.contains("panicked at")) {
            self.panics += 1;
            self.complaints.push(format!("the server panicked: {line}"));
        }
    }

    /// Notes the most memory that a server has taken.
    pub(crate) fn memory(&mut self, bytes: u64) {
        self.peak_bytes = self.peak_bytes.max(bytes);
    }

    /// Notes how much later than at its deadline a connection was cut.
    pub(crate) fn cut(&mut self, late: Duration) {
        self.slowest_cut = self.slowest_cut.max(late);
    }

    /// A figure for the reader.
    pub(crate) fn figure(&mut self, text: String) {
        self.figures.push(text);
    }

    /// Prints what the table has no room for.
    pub(crate) fn tell(&self) {
        for figure in &self.figures {
            println!("  {figure}");
        }
        for complaint in &self.complaints {
            println!("  WRONG: {complaint}");
        }
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_clean(&self) -> bool {
        self.complaints.is_empty()
    }
}

/// The reports of a run.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<(&'static str, Report)>);

impl Table {
    pub(crate) fn add(&mut self, suite: &'static str, report: Report) {
        self.0.push((suite, report));
    }

    /// Whether nothing at all is wrong.
    pub(crate) fn is_clean(&self) -> bool {
        self.0.iter().all(|(_, report)| report.is_clean())
    }

    pub(crate) fn print(&self) {
        let head = ["suite", "cases", "panics", "hangs", "wrong", "skipped", "peak MiB", "slowest cut s"];
        println!();
        print_row(&head.map(str::to_owned));
        for (suite, report) in &self.0 {
            print_row(&row(suite, report));
        }
        let total = self.0.iter().fold(Report::default(), |mut total, (_, report)| {
            total.cases += report.cases;
            total.panics += report.panics;
            total.hangs += report.hangs;
            total.skipped += report.skipped;
            total.wrong += report.wrong;
            total.peak_bytes = total.peak_bytes.max(report.peak_bytes);
            total.slowest_cut = total.slowest_cut.max(report.slowest_cut);
            total
        });
        print_row(&row("total", &total));
    }
}

fn row(suite: &str, report: &Report) -> [String; 8] {
    let or_none = |there: bool, text: String| if there { text } else { "-".to_owned() };
    [
        suite.to_owned(),
        report.cases.to_string(),
        report.panics.to_string(),
        report.hangs.to_string(),
        report.wrong.to_string(),
        report.skipped.to_string(),
        or_none(report.peak_bytes > 0, report.peak_bytes.div_ceil(1 << 20).to_string()),
        or_none(!report.slowest_cut.is_zero(), format!("{:.2}", report.slowest_cut.as_secs_f64())),
    ]
}

fn print_row(cells: &[String; 8]) {
    let [suite, rest @ ..] = cells;
    print!("{suite:<14}");
    rest.iter().for_each(|cell| print!("{cell:>15}"));
    println!();
}
