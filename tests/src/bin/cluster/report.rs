//! The table at the end.

use tests::{Ledger, Verdict};

use crate::events::Row;

/// Prints what each event cost, and what became of all that was acknowledged.
pub(crate) fn print(rows: &[Row], told: &Ledger, verdict: &Verdict, repeated: u64) {
    println!("\n{:44} {:>16} {:>14}", "event", "back in service", "acknowledged");
    for Row { name, back, acknowledged } in rows {
        println!("{name:44} {:>14.2} s {acknowledged:>14}", back.as_secs_f64());
    }
    println!(
        "\n{:>14} {:>6} {:>8} {:>14} {:>16}",
        "acknowledged", "lost", "doubled", "never settled", "calls repeated"
    );
    let Verdict { lost, doubled, faults } = verdict;
    println!("{:>14} {lost:>6} {doubled:>8} {:>14} {repeated:>16}", told.acknowledged(), told.unknowns());
    faults.iter().for_each(|fault| eprintln!("{fault}"));
}
