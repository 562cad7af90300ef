//! `docs/report.md` and its French version against the layers: each dump is what the program prints, each price what was
//! measured.

use std::{collections::BTreeMap, env, fs};

use grades_api::GradesClient;
use rpc_core::dump;
use tests::{Played, Prices, page_frame, play_layer};

use crate::{
    generated::check_part,
    sources::{read, top},
};

const PAGES: [&str; 2] = ["docs/report.md", "docs/rapport.fr.md"];

/// The comments that stand before dumps, without their end: `<!-- layer1_udp client: Bare `.
fn markers(page: &str) -> Vec<String> {
    let comments = page.lines().filter(|line| line.starts_with("<!-- layer"));
    comments.map(|line| line.strip_suffix("-->").expect("a comment ends on its line").to_owned()).collect()
}

/// Plays a layer. The first one sends again what is not acknowledged in time, which on a busy machine may happen without a
/// loss; it then shows more than the page does, and is played again.
fn undisturbed(name: &str) -> Played {
    let page = read(PAGES[0]);
    let mut played = play_layer(name);
    for _ in 0..4 {
        if name != "layer1_udp" || page.contains(played.part("client", "Mended")) {
            break;
        }
        played = play_layer(name);
    }
    played
}

#[test]
fn both_reports_show_the_bytes_that_the_layers_print() {
    let mut layers: BTreeMap<String, Played> = BTreeMap::new();
    let shown = markers(&read(PAGES[0]));
    for marker in &shown {
        let (name, rest) = marker.trim_start_matches("<!-- ").split_once(' ').unwrap();
        let (role, title) = rest.split_once(": ").unwrap();
        let layer = layers.entry(name.to_owned()).or_insert_with(|| undisturbed(name));
        let part = layer.part(role, title.trim());
        for page in PAGES {
            check_part(page, marker, &format!("```text\n{part}\n```"));
        }
    }
    assert_eq!(layers.len(), 7, "each layer has a dump: {:?}", layers.keys());
    assert_eq!(markers(&read(PAGES[1])), shown, "both languages show the same dumps in the same order");
}

/// Layers whose names are not the same in both languages.
const FRENCH: [(&str, &str); 6] = [
    ("UDP, acknowledged", "UDP avec acquittement"),
    ("JSON over TCP", "JSON sur TCP"),
    ("TLV over TCP", "TLV sur TCP"),
    ("the RPC, blocking", "le RPC, attente bloquante"),
    ("the RPC", "le RPC"),
    ("the RPC with TLS", "le RPC avec TLS"),
];

#[test]
fn the_prices_of_the_layers_are_those_that_were_measured() {
    let prices = Prices::from_json(&read("docs/layer_prices.json"));
    let english = prices.table(["layer", "bytes", "microseconds", "best – worst round"]);
    check_part(PAGES[0], "<!-- prices:", &english);
    let mut french = prices;
    for price in &mut french.layers {
        if let Some((_, name)) = FRENCH.iter().find(|(name, _)| *name == price.layer) {
            (*name).clone_into(&mut price.layer);
        }
    }
    let french = french.table(["couche", "octets", "microsecondes", "meilleur – pire tour"]).replace('.', ",");
    check_part(PAGES[1], "<!-- prices:", &french);
}

#[test]
fn the_plot_is_drawn_from_the_prices() {
    let path = "docs/layer_prices.svg";
    let plot = Prices::from_json(&read("docs/layer_prices.json")).plot();
    if env::var_os("UPDATE").is_some() {
        fs::write(top().join(path), &plot).unwrap();
    }
    assert!(read(path) == plot, "draw {path} again: `UPDATE=1 tests/layers`");
}

#[test]
fn both_reports_show_a_mark_of_the_service_crossing_the_wire() {
    let title = "request, grades.add_mark";
    let dump = dump::frame(&page_frame(title), &[&GradesClient::SERVICE]);
    for page in PAGES {
        check_part(page, &format!("<!-- frame: {title}"), &format!("```text\n{dump}```"));
    }
}
