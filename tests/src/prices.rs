//! What each layer costs, as it was measured: the data behind a table and a plot of the report. `layer_prices` measures.

use serde_json::{Value, json};

use crate::plot;

/// The price of one call in one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// The name of the layer.
    pub layer: String,
    /// Request and reply, as given to the socket.
    pub bytes: u64,
    /// Microseconds a call: the median of the rounds' medians.
    pub median: f64,
    /// The best round.
    pub best: f64,
    /// The worst round.
    pub worst: f64,
}

/// A run of the measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Prices {
    /// How many rounds took turns.
    pub rounds: u64,
    /// How many calls a round made in each layer.
    pub calls: u64,
    /// How many processors the machine had.
    pub processors: u64,
    /// The layers, from the lowest.
    pub layers: Vec<Price>,
}

impl Prices {
    /// As JSON, for people and for [`from_json`](Self::from_json).
    ///
    /// # Panics
    /// Never: plain numbers and names are JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let tenth = |micros: f64| (micros * 10.0).round() / 10.0;
        let layers: Vec<Value> = self
            .layers
            .iter()
            .map(|price| {
                let Price { layer, bytes, median, best, worst } = price;
                let micros = json!({ "median": tenth(*median), "best": tenth(*best), "worst": tenth(*worst) });
                json!({ "layer": layer, "bytes": bytes, "micros": micros })
            })
            .collect();
        let Self { rounds, calls, processors, .. } = self;
        let all = json!({ "rounds": rounds, "calls": calls, "processors": processors, "layers": layers });
        serde_json::to_string_pretty(&all).expect("plain numbers are JSON") + "\n"
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Panics
    /// The text is something else.
    #[must_use]
    pub fn from_json(text: &str) -> Self {
        let all: Value = serde_json::from_str(text).expect("the prices are JSON");
        let count = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{value} is no count"));
        let micros = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{value} is no time"));
        let layers = all["layers"].as_array().expect("a list of layers").iter().map(|price| Price {
            layer: price["layer"].as_str().expect("a layer has a name").to_owned(),
            bytes: count(&price["bytes"]),
            median: micros(&price["micros"]["median"]),
            best: micros(&price["micros"]["best"]),
            worst: micros(&price["micros"]["worst"]),
        });
        let layers = layers.collect();
        Self {
            rounds: count(&all["rounds"]),
            calls: count(&all["calls"]),
            processors: count(&all["processors"]),
            layers,
        }
    }

    /// As a table of Markdown, with the names of its four columns.
    #[must_use]
    pub fn table(&self, columns: [&str; 4]) -> String {
        let [layer, bytes, median, range] = columns;
        let mut table = format!("| {layer} | {bytes} | {median} | {range} |\n|---|---:|---:|---:|\n");
        for Price { layer, bytes, median, best, worst } in &self.layers {
            table.push_str(&format!("| {layer} | {bytes} | {median:.1} | {best:.1} – {worst:.1} |\n"));
        }
        table
    }

    /// As a plot: for each layer a bar of microseconds with its range, and a bar of bytes.
    #[must_use]
    pub fn plot(&self) -> String {
        let rows = self.layers.len() as f64;
        // A round that the kernel disturbed may have been ten times as long; its line then ends at the edge.
        let longest = self.layers.iter().map(|price| price.median).fold(1.0, f64::max) * 1.2;
        let largest = self.layers.iter().map(|price| price.bytes as f64).fold(1.0, f64::max);
        let mut plot = head(ROW * rows + 70.0);
        for (row, price) in (0_u8..).zip(&self.layers) {
            let top = f64::from(row).mul_add(ROW, 50.0);
            let text = top + 15.0;
            let (time, low, high) = (
                price.median / longest * TIME_WIDTH,
                price.best / longest * TIME_WIDTH,
                (price.worst / longest).min(1.0) * TIME_WIDTH,
            );
            let size = price.bytes as f64 / largest * SIZE_WIDTH;
            let (low, high, middle) = (TIME_LEFT + low, TIME_LEFT + high, top + 11.0);
            plot.push_str(&format!(
                "  <text x=\"{:.0}\" y=\"{text:.0}\" text-anchor=\"end\">{}</text>\n",
                TIME_LEFT - 10.0,
                price.layer
            ));
            plot.push_str(&format!(
                "  <rect class=\"time\" x=\"{TIME_LEFT}\" y=\"{top:.0}\" width=\"{time:.1}\" height=\"22\"/>\n"
            ));
            plot.push_str(&format!("  <path class=\"range\" d=\"M{low:.1},{middle:.0} H{high:.1}\"/>\n"));
            plot.push_str(&format!("  <text x=\"{:.1}\" y=\"{text:.0}\">{:.1}</text>\n", high + 6.0, price.median));
            plot.push_str(&format!(
                "  <rect class=\"size\" x=\"{SIZE_LEFT}\" y=\"{top:.0}\" width=\"{size:.1}\" height=\"22\"/>\n"
            ));
            plot.push_str(&format!(
                "  <text x=\"{:.1}\" y=\"{text:.0}\">{}</text>\n",
                SIZE_LEFT + size + 6.0,
                price.bytes
            ));
        }
        plot + "</svg>\n"
    }
}

/// Pixels: the height of a row, and where the two columns of bars begin and how wide their longest bar is.
const ROW: f64 = 34.0;
const TIME_LEFT: f64 = 190.0;
const TIME_WIDTH: f64 = 260.0;
const SIZE_LEFT: f64 = 520.0;
const SIZE_WIDTH: f64 = 170.0;

/// Rules of this plot alone.
const LIGHT: &str = ".time { fill: #2f6f9f; } .size { fill: #b5792a; }
    .range { stroke: #1d2733; stroke-width: 1.5; fill: none; }";
const DARK: &str = ".time { fill: #4d9fd6; } .size { fill: #d99a45; } .range { stroke: #e6edf3; }";

fn head(height: f64) -> String {
    plot::head(height, "Microseconds a call and bytes on the wire, layer by layer", LIGHT, DARK)
        + &format!(
            "  <text class=\"head\" x=\"{TIME_LEFT}\" y=\"30\">microseconds a call; line: best to worst</text>
  <text class=\"head\" x=\"{SIZE_LEFT}\" y=\"30\">bytes a call</text>\n"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let price = Price { layer: "UDP".to_owned(), bytes: 20, median: 12.5, best: 11.0, worst: 30.1 };
        let prices = Prices { rounds: 3, calls: 10, processors: 2, layers: vec![price] };
        assert_eq!(Prices::from_json(&prices.to_json()), prices);
    }

    #[test]
    fn bars_are_as_long_as_their_figures_and_lines_end_at_the_edge() {
        let price =
            |layer: &str, bytes, median| Price { layer: layer.to_owned(), bytes, median, best: median, worst: 50.0 };
        let layers = vec![price("small", 10, 5.0), price("large", 40, 10.0)];
        let plot = Prices { rounds: 1, calls: 1, processors: 1, layers }.plot();
        let widths: Vec<&str> = plot.split(" width=\"").skip(2).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(widths, ["108.3", "42.5", "216.7", "170.0"]);
        assert_eq!(plot.matches(&format!(" H{:.1}\"", TIME_LEFT + TIME_WIDTH)).count(), 2);
    }
}
