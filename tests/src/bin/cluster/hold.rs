//! The service for people to play with: it is used from another terminal, and broken from this one.

use std::io::{self, BufRead as _, Write as _};

use tests::{ADMINISTRATOR, PASSWORD, Site, binary};

const HELP: &str = "kill N, start N, pause N, resume N   a node
cut                                  the connections to the database
crash                                the primary is killed and starts again
failover                             the primary is lost, the standby promoted
repair                               a new standby in its place
status                               who runs
quit";

/// Prints how to use the service, and does what it is told until `quit` or the end of standard input.
pub(crate) fn hold(site: &mut Site) {
    let addresses = site.addresses().join(",");
    println!("\nIn another terminal:\n");
    println!("  export PATH=\"{}:$PATH\"", binary("grades").parent().expect("a program lies in a folder").display());
    println!("  export GRADES_SERVER={addresses}");
    println!("  grades login {ADMINISTRATOR} --password-stdin <<< '{PASSWORD}'");
    println!("  grades promotion add L3\n  grades student add L3 'Grace Hopper' --number 17");
    println!("  while grades mark add L3 17 14; do sleep 0.1; done\n\nHere:\n\n{HELP}\n");
    status(site);
    let mut whole = true;
    while let Some(line) = ask() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let node = |number: &&str| number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        match words.as_slice() {
            [] => {}
            ["quit"] => return,
            ["status"] => status(site),
            ["cut"] => println!("{} connections were cut", site.database.cut_connections()),
            ["crash"] => site.database.crash_primary(),
            ["failover"] if whole => {
                site.database.fail_over();
                whole = false;
            }
            ["repair"] if !whole => {
                site.database.repair();
                whole = true;
            }
            ["failover"] => println!("there is no standby: repair"),
            ["repair"] => println!("there is a standby"),
            [what, number] => match node(number).and_then(|node| site.nodes.get_mut(node)) {
                Some(node) => break_node(what, node),
                None => println!("there is no node {number}"),
            },
            _ => println!("{HELP}"),
        }
    }
}

fn break_node(what: &str, node: &mut tests::Node) {
    match (what, node.is_running()) {
        ("kill", true) => node.kill(),
        ("start", false) => node.start_again(),
        ("pause", true) => node.pause(),
        ("resume", true) => node.resume(),
        (_, true) => println!("it runs: kill, pause or resume it"),
        (_, false) => println!("it does not run: start it"),
    }
}

fn status(site: &Site) {
    for (number, node) in (1..).zip(&site.nodes) {
        let pid = if node.is_running() { format!("process {}", node.pid()) } else { "killed".to_owned() };
        println!("node {number}   {}   {pid}", node.address());
    }
    println!("primary  127.0.0.1:{}   process {}", site.database.primary().port(), site.database.primary().pid());
    println!("database {}\n", site.database.url());
}

/// The next line that is typed.
fn ask() -> Option<String> {
    print!("> ");
    drop(io::stdout().flush()); // the answer counts, not the prompt
    io::stdin().lock().lines().next()?.ok()
}
