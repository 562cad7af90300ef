//! Plots as SVG that reads on a light page and on a dark one: the head that all share, and lines over a logarithmic axis.

/// Begins a plot 740 pixels wide. `light` and `dark` are rules of its own.
pub(crate) fn head(height: f64, title: &str, light: &str, dark: &str) -> String {
    format!(
        "\
<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 740 {height:.0}\" role=\"img\" aria-label=\"{title}\">
  <title>{title}</title>
  <style>
    .page {{ fill: #ffffff; }}
    text {{ font: 13px system-ui, sans-serif; fill: #1d2733; }}
    .head {{ font-weight: 600; }}
    {light}
    @media (prefers-color-scheme: dark) {{
      .page {{ fill: #0d1117; }}
      text {{ fill: #e6edf3; }} {dark}
    }}
  </style>
  <rect class=\"page\" width=\"100%\" height=\"100%\"/>
"
    )
}

/// Two panels side by side over the same amounts, each with a line for each row.
#[derive(Clone, Debug)]
pub(crate) struct Lines<'a> {
    pub(crate) title: &'a str,
    /// What the amounts count.
    pub(crate) amounts: &'a str,
    pub(crate) panels: [Panel<'a>; 2],
}

/// A figure: its name, and each row's points.
#[derive(Clone, Debug)]
pub(crate) struct Panel<'a> {
    pub(crate) figure: &'a str,
    pub(crate) rows: Vec<(&'a str, Vec<(f64, f64)>)>,
}

impl Lines<'_> {
    /// The plot.
    pub(crate) fn draw(&self) -> String {
        let light = ".line { fill: none; stroke-width: 2; } .grid { stroke: #d5dbe1; stroke-width: 1; }
    path.row0 { stroke: #2f6f9f; } path.row1 { stroke: #b5792a; }
    tspan.row0 { fill: #2f6f9f; } tspan.row1 { fill: #b5792a; } .small { font-size: 11px; }";
        let dark = ".grid { stroke: #30363d; } path.row0 { stroke: #4d9fd6; } path.row1 { stroke: #d99a45; }
      tspan.row0 { fill: #4d9fd6; } tspan.row1 { fill: #d99a45; }";
        let mut plot = head(300.0, self.title, light, dark);
        plot.push_str(&format!("  <text class=\"head\" x=\"20\" y=\"24\">{}</text>\n", self.title));
        for (left, panel) in [60.0, 430.0].into_iter().zip(&self.panels) {
            plot.push_str(&panel.draw(left, self.amounts));
        }
        plot + "</svg>\n"
    }
}

/// Pixels: the size of a panel's field, and where it begins from above.
const WIDTH: f64 = 290.0;
const HEIGHT: f64 = 180.0;
const TOP: f64 = 66.0;

impl Panel<'_> {
    fn draw(&self, left: f64, amounts: &str) -> String {
        let points = || self.rows.iter().flat_map(|(_, points)| points.iter().copied());
        let across = Axis::around(points().map(|(amount, _)| amount), 1.0);
        let up = Axis::around(points().map(|(_, value)| value), 10.0);
        let x = |amount: f64| across.at(amount).mul_add(WIDTH, left);
        let y = |value: f64| up.at(value).mul_add(-HEIGHT, TOP + HEIGHT);
        let mut plot = format!("  <text x=\"{left:.0}\" y=\"52\">{}</text>\n", self.figure);
        for value in up.marks() {
            let (at, end) = (y(value), left + WIDTH);
            plot.push_str(&format!("  <path class=\"grid\" d=\"M{left:.0},{at:.1} H{end:.0}\"/>\n"));
            let (text, at) = (short(value), at + 4.0);
            plot.push_str(&format!(
                "  <text class=\"small\" x=\"{:.0}\" y=\"{at:.1}\" text-anchor=\"end\">{text}</text>\n",
                left - 6.0
            ));
        }
        let mut ticks: Vec<f64> = points().map(|(amount, _)| amount).collect();
        ticks.sort_by(f64::total_cmp);
        ticks.dedup();
        // No more than there is room for.
        let step = ticks.len().div_ceil(9);
        for tick in ticks.iter().rev().step_by(step) {
            plot.push_str(&format!(
                "  <text class=\"small\" x=\"{:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>\n",
                x(*tick),
                TOP + HEIGHT + 18.0,
                if amounts == BYTES { binary(*tick) } else { counted(*tick) }
            ));
        }
        plot.push_str(&format!(
            "  <text class=\"small\" x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{amounts}</text>\n",
            left + WIDTH / 2.0,
            TOP + HEIGHT + 36.0
        ));
        let mut names = String::new();
        for (index, (row, points)) in self.rows.iter().enumerate() {
            let places: Vec<String> =
                points.iter().map(|(amount, value)| format!("{:.1},{:.1}", x(*amount), y(*value))).collect();
            plot.push_str(&format!("  <path class=\"line row{index}\" d=\"M{}\"/>\n", places.join(" L")));
            let apart = if index > 0 { " dx=\"16\"" } else { "" };
            names.push_str(&format!("<tspan class=\"row{index}\"{apart}>{row}</tspan>"));
        }
        plot.push_str(&format!("  <text x=\"{:.0}\" y=\"52\" text-anchor=\"end\">{names}</text>\n", left + WIDTH));
        plot
    }
}

/// A logarithmic axis.
struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    /// From the least value to the greatest, both moved outwards to a power of `base`, unless that is 1.
    fn around(values: impl Iterator<Item = f64>, base: f64) -> Self {
        let (low, high) = values
            .filter(|value| *value > 0.0)
            .fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        if base > 1.0 {
            Self { low: base.powf(low.log(base).floor()), high: base.powf(high.log(base).ceil()) }
        } else {
            Self { low, high }
        }
    }

    /// Where a value lies: 0 at the low end, 1 at the high one.
    fn at(&self, value: f64) -> f64 {
        (value / self.low).ln() / (self.high / self.low).ln().max(f64::EPSILON)
    }

    fn marks(&self) -> Vec<f64> {
        let mut marks = vec![self.low];
        while let Some(last) = marks.last().copied().filter(|last| last * 9.0 < self.high) {
            marks.push(last * 10.0);
        }
        marks
    }
}

/// An amount of things that are counted one by one.
fn counted(amount: f64) -> String {
    if amount < 1e4 { amount.to_string() } else { short(amount) }
}

/// What the amounts count where they are of bytes.
pub(crate) const BYTES: &str = "bytes";

/// An amount of bytes: Ki is 1,024, Mi as many Ki.
fn binary(bytes: f64) -> String {
    match bytes {
        _ if bytes >= 1_048_576.0 => format!("{}Mi", bytes / 1_048_576.0),
        _ if bytes >= 1_024.0 => format!("{}Ki", bytes / 1_024.0),
        _ => bytes.to_string(),
    }
}

/// A number as it fits beside an axis.
fn short(value: f64) -> String {
    let (value, unit) = match value {
        _ if value >= 1e6 => (value / 1e6, "M"),
        _ if value >= 1e3 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let text = format!("{value:.1}");
    format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_from_edge_to_edge_and_each_power_of_ten_is_a_step_up() {
        let rows = vec![("raw", vec![(1.0, 10.0), (10.0, 100.0), (100.0, 1_000.0)])];
        let panel = Panel { figure: "calls/s", rows };
        let plot = panel.draw(0.0, "threads");
        assert!(plot.contains("d=\"M0.0,246.0 L145.0,156.0 L290.0,66.0\""), "{plot}");
        assert_eq!(plot.matches("class=\"grid\"").count(), 3, "10, 100 and 1,000");
    }

    #[test]
    fn numbers_beside_an_axis_are_short() {
        assert_eq!([1.0, 250.0, 2_500.0, 1e6].map(short), ["1", "250", "2.5k", "1M"]);
        assert_eq!([1.0, 4_096.0, 1e5].map(counted), ["1", "4096", "100k"]);
        assert_eq!([8.0, 4_096.0, 262_144.0, 16_777_216.0].map(binary), ["8", "4Ki", "256Ki", "16Mi"]);
    }
}
