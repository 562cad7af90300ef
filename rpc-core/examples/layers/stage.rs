//! What every layer's example shares: two roles on one command line, and bytes shown as people read them.

use std::{env, net::SocketAddr, thread, time::Duration};

/// Loopback only: these programs teach, they do not serve.
const HOST: [u8; 4] = [127, 0, 0, 1];

/// How long a role waits before it says that nobody is there.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Runs `server`, `client` or, without a word, `both` (the server in a thread).
///
/// With `both` the server binds any free port; two terminals agree on `port`.
pub(crate) fn play<L: Send + 'static>(
    port: u16,
    bind: fn(SocketAddr) -> L,
    address: fn(&L) -> SocketAddr,
    server: fn(L),
    client: fn(SocketAddr),
) {
    let place = SocketAddr::from((HOST, port));
    match env::args().nth(1).as_deref() {
        Some("server") => server(bind(place)),
        Some("client") => client(place),
        None | Some("both") => {
            let listener = bind(SocketAddr::from((HOST, 0)));
            let place = address(&listener);
            let serving = thread::spawn(move || server(listener));
            client(place);
            serving.join().expect("the server ends when its client has gone");
        }
        Some(other) => {
            eprintln!("error: unknown role `{other}`\nhint: server, client, or both");
            std::process::exit(2);
        }
    }
}

/// Prints bytes with what they mean, sixteen a line: `who  offset  hex  meaning`.
pub(crate) fn dump(who: &str, bytes: &[u8], meaning: &str) {
    for (row, chunk) in bytes.chunks(16).enumerate() {
        let hex: Vec<String> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
        let note = if row == 0 { meaning } else { "" };
        println!("{who:<8} {:04x}  {:<47}  {note}", row.saturating_mul(16), hex.join(" "));
    }
}

/// Prints what the next layer is for.
pub(crate) fn hurts(text: &str) {
    println!("\nWhat still hurts: {text}");
}
