//! A writer of SVG, and figures made of it. Everything that a user named is escaped here.

use std::fmt::Write;

use super::image::base64;

/// A place in a drawing, in pixels from the upper left corner.
pub type Point = (f64, f64);

/// The style of what figures are made of. `var(--…)` are the colours of a page, and are replaced in a drawing of its own.
pub const STYLE: &str = include_str!("assets/figure.css");

/// The colours of a drawing of its own, on white paper.
const PAPER: &[(&str, &str)] = &[
    ("card", "#ffffff"),
    ("ink", "#1c1f24"),
    ("soft", "#59616c"),
    ("line", "#d4d8de"),
    ("c1", "#0b62a4"),
    ("c2", "#b9410b"),
    ("c3", "#13713a"),
    ("c4", "#6d32c9"),
];

/// Text as the content of an element or an attribute in double quotes. Control characters that XML does not allow are left out.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A coordinate with at most two decimals.
fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

/// Where a text is anchored.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// At its left end.
    Start,
    /// In the middle.
    Middle,
    /// At its right end.
    End,
}

/// A drawing.
#[derive(Clone, Debug)]
pub struct Svg {
    /// In pixels.
    pub width: f64,
    /// In pixels.
    pub height: f64,
    /// What it shows, in a few words, for those who do not see it.
    pub label: String,
    body: String,
}

impl Svg {
    /// An empty drawing of this size, in pixels.
    pub fn new(width: f64, height: f64, label: impl Into<String>) -> Self {
        Svg {
            width,
            height,
            label: label.into(),
            body: String::new(),
        }
    }

    fn add(&mut self, text: std::fmt::Arguments) {
        // Writing to a String cannot fail.
        let _ = self.body.write_fmt(text);
        self.body.push('\n');
    }

    /// A straight line.
    pub fn line(&mut self, class: &str, a: Point, b: Point) {
        let (x1, y1, x2, y2) = (number(a.0), number(a.1), number(b.0), number(b.1));
        self.add(format_args!(
            r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#
        ));
    }

    fn points(points: &[Point]) -> String {
        let points: Vec<String> = points
            .iter()
            .map(|p| format!("{},{}", number(p.0), number(p.1)))
            .collect();
        points.join(" ")
    }

    /// Connected straight lines.
    pub fn polyline(&mut self, class: &str, points: &[Point]) {
        if points.len() > 1 {
            let points = Self::points(points);
            self.add(format_args!(
                r#"<polyline class="{class}" points="{points}"/>"#
            ));
        }
    }

    /// A filled area.
    pub fn polygon(&mut self, class: &str, points: &[Point]) {
        if points.len() > 2 {
            let points = Self::points(points);
            self.add(format_args!(
                r#"<polygon class="{class}" points="{points}"/>"#
            ));
        }
    }

    /// A circle; `title` shows where the pointer rests on it, `fill` is a colour in place of the one of the class.
    pub fn circle(&mut self, class: &str, at: Point, r: f64, title: &str, fill: Option<&str>) {
        let (x, y, r) = (number(at.0), number(at.1), number(r));
        let fill = fill.map_or_else(String::new, |f| format!(r#" style="fill:{f}""#));
        let start = format!(r#"<circle class="{class}" cx="{x}" cy="{y}" r="{r}"{fill}"#);
        self.titled(&start, "circle", title);
    }

    /// A rectangle with its upper left corner.
    pub fn rect(&mut self, class: &str, at: Point, size: (f64, f64), title: &str) {
        let (x, y) = (number(at.0), number(at.1));
        let (w, h) = (number(size.0.max(0.0)), number(size.1.max(0.0)));
        let start = format!(r#"<rect class="{class}" x="{x}" y="{y}" width="{w}" height="{h}""#);
        self.titled(&start, "rect", title);
    }

    fn titled(&mut self, start: &str, name: &str, title: &str) {
        if title.is_empty() {
            self.add(format_args!("{start}/>"));
        } else {
            self.add(format_args!(
                "{start}><title>{}</title></{name}>",
                escape(title)
            ));
        }
    }

    /// A line of text, anchored at its baseline.
    pub fn text(&mut self, class: &str, at: Point, anchor: Anchor, text: &str) {
        let (x, y) = (number(at.0), number(at.1));
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.add(format_args!(
            r#"<text class="{class}" x="{x}" y="{y}" text-anchor="{anchor}">{}</text>"#,
            escape(text)
        ));
    }

    /// A line of text from below to above, centred.
    pub fn text_upwards(&mut self, class: &str, at: Point, text: &str) {
        let (x, y) = (number(at.0), number(at.1));
        self.add(format_args!(
            r#"<text class="{class}" transform="translate({x} {y}) rotate(-90)" text-anchor="middle">{}</text>"#,
            escape(text)
        ));
    }

    /// A PNG image.
    pub fn image(&mut self, at: Point, size: (f64, f64), png: &[u8]) {
        let (x, y, w, h) = (number(at.0), number(at.1), number(size.0), number(size.1));
        let data = base64(png);
        self.add(format_args!(
            r#"<image x="{x}" y="{y}" width="{w}" height="{h}" preserveAspectRatio="none" href="data:image/png;base64,{data}"/>"#
        ));
    }

    /// The drawing as an element of a page.
    pub fn inline(&self) -> String {
        let (w, h) = (number(self.width), number(self.height));
        format!(
            "<svg viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\" aria-label=\"{}\">\n{}</svg>\n",
            escape(&self.label),
            self.body
        )
    }
}

/// Drawings that belong together, with their title and explanation.
#[derive(Clone, Debug)]
pub struct Figure {
    /// A short name: `fit`, `dual`, ….
    pub name: &'static str,
    /// The heading.
    pub title: String,
    /// What is to be seen.
    pub caption: String,
    /// Drawings, side by side where there is room.
    pub panels: Vec<Svg>,
}

impl Figure {
    /// The figure as an element of a page.
    pub fn inline(&self) -> String {
        let panels: String = self.panels.iter().map(Svg::inline).collect();
        format!(
            "<figure id=\"figure-{}\">\n<h3>{}</h3>\n<div class=\"panels\">\n{panels}</div>\n<figcaption>{}</figcaption>\n</figure>\n",
            self.name,
            escape(&self.title),
            escape(&self.caption)
        )
    }

    /// The figure as an SVG file: the panels side by side on white paper.
    pub fn standalone(&self) -> String {
        const GAP: f64 = 16.0;
        let width: f64 = self.panels.iter().map(|p| p.width + GAP).sum::<f64>() - GAP;
        let height = self.panels.iter().map(|p| p.height).fold(0.0, f64::max);
        let mut style = STYLE.to_owned();
        for (name, colour) in PAPER {
            style = style.replace(&format!("var(--{name})"), colour);
        }
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\">\n\
             <title>{}</title>\n<desc>{}</desc>\n<style>\n{style}</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
            escape(&self.title),
            escape(&self.caption),
            w = number(width),
            h = number(height),
        );
        let mut x = 0.0;
        for panel in &self.panels {
            let _ = writeln!(
                out,
                "<g transform=\"translate({} 0)\">\n{}</g>",
                number(x),
                panel.body
            );
            x += panel.width + GAP;
        }
        out.push_str("</svg>\n");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_users_name_cannot_end_an_element() {
        let evil = "</script><img src=x onerror=alert(1)>\"'&\u{0}\u{1b}";
        let escaped = escape(evil);
        assert!(!escaped.contains(['<', '>', '"', '\'', '\u{0}', '\u{1b}']));
        let mut svg = Svg::new(10.0, 10.0, evil);
        svg.text("tick", (1.0, 1.0), Anchor::Start, evil);
        svg.circle("p1", (1.0, 1.0), 1.0, evil, None);
        let figure = Figure {
            name: "fit",
            title: evil.to_owned(),
            caption: evil.to_owned(),
            panels: vec![svg],
        };
        for text in [figure.inline(), figure.standalone()] {
            assert!(
                !text.contains("<img") && !text.contains("</script"),
                "{text}"
            );
        }
    }

    #[test]
    fn coordinates_are_short() {
        for (x, text) in [(1.0, "1"), (-0.001, "0"), (2.5, "2.5"), (1.0 / 3.0, "0.33")] {
            assert_eq!(number(x), text);
        }
    }

    #[test]
    fn a_drawing_of_its_own_has_no_colours_of_a_page() {
        let figure = Figure {
            name: "fit",
            title: String::new(),
            caption: String::new(),
            panels: vec![Svg::new(1.0, 1.0, "")],
        };
        assert!(!figure.standalone().contains("var("));
    }
}
