//! What every layer's example shares: two roles on one command line, and bytes shown as people read them.

use std::{env, fmt::Display, net::SocketAddr, thread, time::Duration};

/// Loopback only: these programs teach, they do not serve.
const HOST: [u8; 4] = [127, 0, 0, 1];

/// How long a role waits before it says that nobody is there.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Runs `server`, `client` or, without a word, `both` (the server in a thread).
///
/// With `both` the server binds any free port; two terminals agree on `port`, or on the one that stands after the role.
pub(crate) fn play<L: Send + 'static>(
    port: u16,
    bind: fn(SocketAddr) -> L,
    address: fn(&L) -> SocketAddr,
    server: fn(L),
    client: fn(SocketAddr),
) {
    let port = env::args().nth(2).map_or(port, |text| text.parse().unwrap_or_else(|_| refuse(&text, "a port")));
    let place = SocketAddr::from((HOST, port));
    match env::args().nth(1).as_deref() {
        Some("server") => {
            let listener = bind(place);
            println!("server   waits on {}", address(&listener));
            server(listener);
        }
        Some("client") => client(place),
        None | Some("both") => {
            let listener = bind(SocketAddr::from((HOST, 0)));
            let place = address(&listener);
            let serving = thread::spawn(move || server(listener));
            client(place);
            serving.join().expect("the server ends when its client has gone");
        }
        Some(other) => refuse(other, "server, client, or both"),
    }
}

fn refuse(word: &str, expected: &str) -> ! {
    eprintln!("error: `{word}` is not understood\nhint: write {expected}");
    std::process::exit(2);
}

/// Begins a part of what `who` shows.
pub(crate) fn part(who: &str, title: &str) {
    println!("\n{who:<8} {title}");
}

/// Prints a line of `who`.
pub(crate) fn say(who: &str, text: impl Display) {
    println!("{who:<8} {text}");
}

/// Prints bytes with what they mean, sixteen a line: `who  offset  hex  meaning`.
#[allow(dead_code, reason = "the layers that speak TLV let `rpc_core::dump` explain their bytes")]
pub(crate) fn dump(who: &str, bytes: &[u8], meaning: &str) {
    for (row, chunk) in bytes.chunks(16).enumerate() {
        let hex: Vec<String> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
        let (hex, note) = (hex.join(" "), if row == 0 { meaning } else { "" });
        println!("{}", format!("{who:<8} {:04x}  {hex:<47}  {note}", row.saturating_mul(16)).trim_end());
    }
}

/// Prints what the next layer is for.
pub(crate) fn hurts(text: &str) {
    println!("\nWhat still hurts: {text}");
}
