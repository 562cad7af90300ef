//! The seven layers of `rpc-core/examples/`, each played by two processes with a relay between them: what each prints, and
//! that the bytes which it shows are the bytes that crossed the wire.

use std::{fs, path::Path, process::Command};

use tests::{Played, example, hex, play_layer, run_to_end};

/// A program that teaches one thing fits on a few screens.
const LINES_MAX: usize = 150;

/// Plays a layer, and checks what is true of each.
fn check(name: &str) -> Played {
    let played = play_layer(name);
    let (_, hurts) = played.client.split_once("What still hurts: ").expect("a layer ends with what still hurts");
    assert_eq!(hurts.trim_end().lines().count(), 1, "nothing comes after it");
    played
}

/// Checks that each role showed exactly what it sent.
fn check_shown(played: &Played) {
    assert_eq!(played.shown("client"), played.from_client.concat(), "{}", played.client);
    assert_eq!(played.shown("server"), played.from_server.concat(), "{}", played.server);
}

#[test]
fn the_first_layer_loses_bare_datagrams_and_delivers_acknowledged_ones_once() {
    let played = check("layer1_udp");
    let (end, datagrams) = played.from_client.split_last().unwrap();
    assert_eq!(end, b"E");
    assert_eq!(played.shown("server"), datagrams.concat(), "the server shows what arrives");
    let bare: Vec<u8> = datagrams.iter().filter(|datagram| datagram[0] == b'B').map(|datagram| datagram[1]).collect();
    assert_eq!(bare, *b"11243", "one is doubled, one late, one lost");
    for turn in 0..5 {
        assert!(played.client.contains(&format!("datagram {turn} acknowledged")), "{}", played.client);
    }
    assert!(played.server.contains("seen before: only acknowledged again"), "{}", played.server);
    assert!(played.server.ends_with("took 5 of 5 numbered datagrams, each once\n"), "{}", played.server);
    let acknowledged = datagrams.iter().filter(|datagram| datagram[0] == b'N').map(|datagram| vec![b'A', datagram[1]]);
    assert_eq!(played.from_server, acknowledged.collect::<Vec<_>>(), "every numbered datagram is acknowledged");
}

#[test]
fn the_second_layer_reads_three_writes_as_two_until_lengths_give_the_messages_back() {
    let played = check("layer2_tcp");
    assert_eq!(played.part("client", "Without framing").matches("one write").count(), 3);
    assert_eq!(played.part("server", "Without framing").matches("one read").count(), 2);
    assert_eq!(played.part("server", "With framing").matches("one message").count(), 3);
    assert!(played.server.ends_with("a clean end\n"), "{}", played.server);
    assert_eq!(played.shown("client"), played.from_client.concat());
    let marks = ["22104567 14.5 2", "22104568 9 1", "22104569 ABS 2"].map(str::as_bytes);
    let framed = marks.map(|mark| [&[0, 0, 0, u8::try_from(mark.len()).unwrap()], mark].concat());
    assert_eq!(played.from_client, [[marks.concat(), framed.concat()].concat()]);
    assert_eq!(played.from_server, [b"!"]);
}

#[test]
fn the_third_layer_gives_back_both_addresses_and_shows_both_byte_orders() {
    let played = check("layer3_structured");
    check_shown(&played);
    let bytes = hex("04 c0a8000a  06 2001 0db8 0000 0000 0000 0000 0000 0001  000038a4");
    assert_eq!(played.from_client, [bytes]);
    let again = played.part("server", "The abstract values again");
    assert!(again.contains("V4([192, 168, 0, 10])") && again.contains("V6([8193, 3512, 0, 0, 0, 0, 0, 1])"), "{again}");
    let orders = played.part("server", "read in two orders");
    assert!(orders.contains("high byte first: 14500\n") && orders.ends_with("low byte first:  2755133440"), "{orders}");
}

#[test]
fn the_fourth_layer_sends_the_text_that_it_shows_and_shows_the_answers() {
    let played = check("layer4_json");
    let sent = String::from_utf8(played.from_client.concat()).unwrap();
    let lines: Vec<&str> = sent.lines().collect();
    assert_eq!(lines.len(), 7);
    assert_eq!(played.shown("client"), lines[0].as_bytes());
    let doubts = played.part("client", "What the text leaves open");
    for line in &lines[3..] {
        assert!(doubts.contains(&format!("client   {line}: ")), "{doubts}");
    }
    let answered = String::from_utf8(played.from_server.concat()).unwrap();
    let shown: Vec<&str> = played.client.lines().filter_map(|line| line.strip_prefix("answer   ")).collect();
    assert_eq!(answered.lines().collect::<Vec<_>>(), shown);
    assert!(shown[1].contains(r#""label":"TP""#) && shown[2].contains(r#"{"error":"#), "{shown:?}");
    assert!(played.client.contains(&format!("{} bytes of text for 16 bytes of numbers", lines[0].len())));
}

#[test]
fn the_fifth_layer_brings_links_back_shared_and_cyclic() {
    let played = check("layer5_linked");
    check_shown(&played);
    let linked = played.part("server", "The objects again, linked");
    for line in [
        "Ada of BUT2, tutor Grace",
        "Alan of BUT2, tutor Grace",
        "Edsger of BUT2, tutor Barbara",
        "each student links back to the very promotion: true",
        "Ada and Alan have one tutor, not two alike: true",
        "the same bytes with half a field more are refused: true",
    ] {
        assert!(linked.lines().any(|found| found == format!("server   {line}")), "{linked}");
    }
}

#[test]
fn the_sixth_layer_is_held_up_by_one_without_threads_and_by_nobody_with() {
    let played = check("layer6_threads");
    for (title, answered) in [("Without threads", 0), ("With a thread per client", 9)] {
        let line = format!("client   {answered} of 9 were answered while the slow one was silent");
        assert!(played.part("client", title).contains(&line), "{}", played.client);
    }
    assert_eq!(played.from_client.len(), 20);
    assert_eq!(played.from_client.iter().filter(|question| *question == b"average of 22104568\n").count(), 2);
    assert_eq!(played.from_client.iter().filter(|question| *question == b"average of 22104567\n").count(), 18);
    assert!(played.from_server.iter().all(|answer| answer == b"14.5\n"), "everyone is answered in the end");
    let first = played.part("server", "Without threads").lines().nth(2).unwrap_or_default();
    assert!(first.contains("35 36 38 0a"), "without threads the slow one's question comes first: {first}");
}

#[test]
fn the_seventh_layer_shows_its_frames_and_what_the_attribute_wrote() {
    let played = check("layer7_rpc");
    assert_eq!(frames(&played, "client"), played.from_client.concat(), "{}", played.client);
    assert_eq!(frames(&played, "server"), played.from_server.concat(), "{}", played.client);
    for line in [
        "add_mark(22104567, 14.50 ×2) answered Ok(1)",
        "average(1) answered Err(App(UnknownStudent))",
        "local: the mean is Ok(1450)",
        "remote: the mean is Ok(1450)",
    ] {
        assert!(played.client.lines().any(|found| found == format!("client   {line}")), "{}", played.client);
    }
    let expansion = run_to_end(Command::new(example("layer7_rpc")).arg("--expand"), "").ok();
    for item in ["trait Marks {", "struct MarksAddMark", "impl Marks for MarksClient {", "for MarksDispatch<H> {"] {
        assert!(expansion.contains(item), "no {item:?} in the expansion");
    }
}

/// The bytes of the frames that the client of layer 7 shows as sent by `who`.
fn frames(played: &Played, who: &str) -> Vec<u8> {
    let parts = played.client.trim().split("\n\n").filter(|part| part.starts_with(&format!("{who:<8} ")));
    let dumps = parts.filter(|part| part.contains(" bytes: # ")).map(|part| hex(part.split_once('\n').unwrap().1));
    dumps.collect::<Vec<_>>().concat()
}

#[test]
fn every_layer_is_short_enough_to_read_at_once() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rpc-core/examples");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let layers: Vec<_> =
        names.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("layer")).collect();
    let programs: Vec<_> = layers.iter().filter(|path| path.is_file()).collect();
    assert_eq!(programs.len(), 7);
    for path in programs {
        let lines = fs::read_to_string(path).unwrap().lines().count();
        assert!(lines < LINES_MAX, "{} has {lines} lines", path.display());
    }
}

#[test]
fn a_word_that_no_layer_knows_is_refused_with_the_words_that_it_knows() {
    for name in ["layer1_udp", "layer7_rpc"] {
        let complaint = run_to_end(Command::new(example(name)).arg("serve"), "").fails(2);
        assert!(complaint.contains("server, client, or both"), "{complaint}");
    }
}
