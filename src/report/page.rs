//! A page: one file of HTML with everything in it.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::image::base64;
use super::svg::{Figure, STYLE, escape};
use crate::exact::Rat;

const PAGE_STYLE: &str = include_str!("assets/page.css");
const PAGE_SCRIPT: &str = include_str!("assets/page.js");
/// The third checker.
const CHECKER: &str = include_str!("../../javascript/relucert_check.js");

/// A page asks nobody for anything, and runs nothing but what it holds.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline' blob:; worker-src blob:; style-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'";

/// Characters of an exact number that are shown.
const MOST_DIGITS: usize = 20_000;

/// How a verdict is coloured; its words say the same.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Optimal, or complete.
    Good,
    /// Not optimal.
    Bad,
    /// Undecided.
    Open,
    /// No verdict.
    Plain,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Bad => "bad",
            Tone::Open => "open",
            Tone::Plain => "plain",
        }
    }
}

/// The verdict at the head of a page.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Its colour.
    pub tone: Tone,
    /// In a word or two.
    pub word: String,
    /// What it says.
    pub sentence: String,
}

/// A line of the statement or of the numbers.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The value exactly, shown when it is asked for.
    pub exact: Option<String>,
}

impl Row {
    /// A line without an exact value.
    pub fn new(name: &str, value: impl Into<String>) -> Self {
        Row {
            name: name.to_owned(),
            value: value.into(),
            exact: None,
        }
    }

    /// A line with an exact value.
    pub fn exact(name: &str, value: impl Into<String>, exact: &Rat) -> Self {
        Row {
            exact: Some(exact.to_string()),
            ..Row::new(name, value)
        }
    }
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// The heading.
    pub title: String,
    /// The heads of the columns.
    pub head: Vec<String>,
    /// The cells.
    pub rows: Vec<Vec<String>>,
}

/// What a proof has to prove for the page to be right: a checker's theorem is compared with it.
#[derive(Clone, Debug)]
pub struct Claim {
    /// SHA-256 of the statement.
    pub sha256: String,
    /// The lower bound.
    pub bound: Rat,
    /// The width up to which it holds; `None` for every width.
    pub width: Option<usize>,
    /// `optimal`, `not_optimal` or `undecided`.
    pub verdict: &'static str,
    /// The relative tolerance.
    pub tolerance: Rat,
    /// `given` or `best`, width and objective of each network in the proof.
    pub networks: Vec<(&'static str, usize, Rat)>,
}

impl Claim {
    fn json(&self) -> String {
        let networks: serde_json::Map<String, serde_json::Value> = self
            .networks
            .iter()
            .map(|(role, width, objective)| {
                let network = json!({ "width": width, "objective": objective.to_string() });
                ((*role).to_owned(), network)
            })
            .collect();
        let claim = json!({
            "sha256": self.sha256,
            "bound": self.bound.to_string(),
            "width": self.width.map(|w| w.to_string()),
            "verdict": self.verdict,
            "tolerance": self.tolerance.to_string(),
            "networks": networks,
        });
        // Inside of a script element nothing may look like its end.
        claim.to_string().replace('<', "\\u003c")
    }
}

/// The proof of a page.
#[derive(Clone, Debug)]
pub enum Embedded {
    /// It is in the page: a gzip file, and the name to save it under.
    Proof {
        /// The bytes of the file.
        gzip: Vec<u8>,
        /// The name.
        name: String,
    },
    /// Compressed it has more bytes than this.
    TooLarge(u64),
    /// There is none.
    Absent,
}

/// Takes a proof file into a page, compressed if it is not, unless it has more than `limit` bytes then.
///
/// # Errors
///
/// If it cannot be read.
pub fn embed(path: &Path, name: &str, limit: u64) -> io::Result<Embedded> {
    let mut file = File::open(path)?;
    let is_gzip = path.to_string_lossy().ends_with(".gz");
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut gzip = Vec::new();
    if is_gzip {
        file.take(limit.saturating_add(1)).read_to_end(&mut gzip)?;
    } else {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let mut buffer = vec![0; 1 << 16];
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            encoder.write_all(&buffer[..count])?;
            if encoder.get_ref().len() > most {
                return Ok(Embedded::TooLarge(limit));
            }
        }
        gzip = encoder.finish()?;
    }
    if gzip.len() > most {
        return Ok(Embedded::TooLarge(limit));
    }
    let name = if name.ends_with(".gz") {
        name.to_owned()
    } else {
        format!("{name}.gz")
    };
    Ok(Embedded::Proof { gzip, name })
}

/// What a page says.
#[derive(Clone, Debug)]
pub struct Page {
    /// The command that made it.
    pub command: &'static str,
    /// The heading.
    pub title: String,
    /// The verdict.
    pub verdict: Option<Verdict>,
    /// The problem.
    pub statement: Vec<Row>,
    /// The results.
    pub numbers: Vec<Row>,
    /// Remarks.
    pub notes: Vec<String>,
    /// Figures.
    pub figures: Vec<Figure>,
    /// Tables.
    pub tables: Vec<Table>,
    /// The proofs: one, or one for every point of a path.
    pub proofs: Vec<Proof>,
}

/// A proof of a page.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Which it is, where there are several.
    pub label: String,
    /// What it has to prove.
    pub claim: Claim,
    /// The proof itself.
    pub file: Embedded,
}

impl Proof {
    /// The only proof of a page.
    pub fn only(claim: Claim, file: Embedded) -> Self {
        Proof {
            label: String::new(),
            claim,
            file,
        }
    }
}

impl Page {
    /// The page as HTML.
    pub fn html(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail, here and below.
        let _ = write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <title>{title}</title>\n<style>\n{PAGE_STYLE}{STYLE}</style>\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#main\">Skip to the result</a>\n\
             <header>\n<p>relucert {version} · {command}</p>\n\
             <button id=\"theme\" class=\"screen\" type=\"button\">Light / dark</button>\n</header>\n<main id=\"main\">\n<h1>{title}</h1>\n",
            title = escape(&self.title),
            version = env!("CARGO_PKG_VERSION"),
            command = self.command,
        );
        if let Some(verdict) = &self.verdict {
            let _ = writeln!(
                out,
                "<section class=\"verdict {}\" aria-label=\"Verdict\">\n<strong>{}</strong>\n<p>{}</p>\n</section>",
                verdict.tone.class(),
                escape(&verdict.word),
                escape(&verdict.sentence)
            );
        }
        rows(&mut out, "Result", &self.numbers);
        if !self.notes.is_empty() {
            let notes: String = self
                .notes
                .iter()
                .map(|note| format!("<li>{}</li>\n", escape(note)))
                .collect();
            section(&mut out, "Remarks", &format!("<ul>\n{notes}</ul>\n"));
        }
        match self.proofs.as_slice() {
            [] => {}
            [proof] => section(&mut out, "Proof", &proof_controls(proof)),
            proofs => section(&mut out, "Proofs", &choice_of_proofs(proofs)),
        }
        if !self.figures.is_empty() {
            let figures: String = self.figures.iter().map(Figure::inline).collect();
            section(&mut out, "Figures", &figures);
        }
        for table in &self.tables {
            section(&mut out, &table.title, &table.html());
        }
        rows(&mut out, "Problem", &self.statement);
        out.push_str("</main>\n<footer>\n<p>This page is one file and asks no other for anything. Numbers marked as exact or proven are; pictures are drawn from \
                      floats.</p>\n</footer>\n");
        if !self.proofs.is_empty() {
            scripts(&mut out, &self.proofs);
        }
        let _ = write!(out, "<script>\n{PAGE_SCRIPT}</script>\n</body>\n</html>\n");
        out
    }
}

fn section(out: &mut String, title: &str, content: &str) {
    let _ = writeln!(
        out,
        "<section>\n<h2>{}</h2>\n{content}</section>",
        escape(title)
    );
}

fn rows(out: &mut String, title: &str, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    let mut list = "<dl>\n".to_owned();
    for row in rows {
        let _ = write!(
            list,
            "<dt>{}</dt>\n<dd>{}",
            escape(&row.name),
            escape(&row.value)
        );
        if let Some(exact) = &row.exact {
            let text = if exact.len() > MOST_DIGITS {
                format!("a fraction of {} characters: see --json", exact.len())
            } else {
                exact.clone()
            };
            let _ = write!(
                list,
                "<details><summary>exactly</summary><code>{}</code></details>",
                escape(&text)
            );
        }
        list.push_str("</dd>\n");
    }
    list.push_str("</dl>\n");
    section(out, title, &list);
}

impl Table {
    fn html(&self) -> String {
        let head: String = self
            .head
            .iter()
            .map(|cell| format!("<th scope=\"col\">{}</th>", escape(cell)))
            .collect();
        let mut out = format!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n",
            escape(&self.title)
        );
        for row in &self.rows {
            let cells: String = row
                .iter()
                .map(|cell| format!("<td>{}</td>", escape(cell)))
                .collect();
            let _ = writeln!(out, "<tr>{cells}</tr>");
        }
        out.push_str("</tbody>\n</table>\n</div>\n");
        out
    }
}

const ABOUT_CHECKER: &str = "a checker: a program in plain JavaScript, written from the description of the format alone, which reads proofs with exact \
     integers and shares nothing with the program that wrote them";

const FILE_CONTROL: &str =
    "<label>or check a file: <input id=\"file\" type=\"file\" class=\"file\"></label>";

const ANSWER: &str = "<progress id=\"progress\" max=\"1\" value=\"0\" hidden aria-label=\"part of the proof that is checked\"></progress>\n\
     <div id=\"result\" role=\"status\" aria-live=\"polite\"></div>\n";

fn proof_controls(proof: &Proof) -> String {
    let about = match &proof.file {
        Embedded::Proof { gzip, .. } => format!(
            "The proof ({} bytes, compressed) is in this page, and so is {ABOUT_CHECKER}.",
            gzip.len()
        ),
        Embedded::TooLarge(limit) => format!(
            "The proof is not in this page, for it has more than {limit} bytes. If you have its file, the checker of this page can read it."
        ),
        Embedded::Absent => {
            "The proof is not in this page. If you have its file, the checker of this page can read it."
                .to_owned()
        }
    };
    let buttons = if matches!(proof.file, Embedded::Proof { .. }) {
        "<button id=\"verify\" class=\"first\" type=\"button\">Verify the proof</button>\n<button id=\"save\" type=\"button\">Save the proof</button>\n"
    } else {
        ""
    };
    format!(
        "<p>{}</p>\n<div class=\"actions screen\">\n{buttons}{FILE_CONTROL}\n</div>\n{ANSWER}<p>Statement SHA-256: <code>{}</code></p>\n",
        escape(&about),
        escape(&proof.claim.sha256)
    )
}

/// The controls of several proofs: all of them are verified, or one that is chosen.
fn choice_of_proofs(proofs: &[Proof]) -> String {
    let sizes: Vec<usize> = proofs
        .iter()
        .filter_map(|proof| match &proof.file {
            Embedded::Proof { gzip, .. } => Some(gzip.len()),
            _ => None,
        })
        .collect();
    let about = if sizes.is_empty() {
        "The proofs are not in this page. If you have their files, the checker of this page can read them."
            .to_owned()
    } else {
        format!(
            "{} of {} proofs ({} bytes, compressed) are in this page, and so is {ABOUT_CHECKER}.",
            sizes.len(),
            proofs.len(),
            sizes.iter().sum::<usize>()
        )
    };
    let mut controls = String::new();
    if !sizes.is_empty() {
        controls += "<label>which: <select id=\"which\">\n<option value=\"all\">all</option>\n";
        for (index, proof) in proofs.iter().enumerate() {
            if matches!(proof.file, Embedded::Proof { .. }) {
                let suffix = suffix(index);
                // Writing to a String cannot fail.
                let _ = writeln!(
                    controls,
                    "<option value=\"{suffix}\">{}</option>",
                    escape(&proof.label)
                );
            }
        }
        controls += "</select></label>\n<button id=\"verify\" class=\"first\" type=\"button\">Verify</button>\n<button id=\"save\" type=\"button\">Save</button>\n";
    }
    format!(
        "<p>{}</p>\n<div class=\"actions screen\">\n{controls}{FILE_CONTROL}\n</div>\n{ANSWER}",
        escape(&about)
    )
}

/// What the names of a proof's elements end in.
fn suffix(index: usize) -> String {
    if index == 0 {
        String::new()
    } else {
        format!("-{}", index + 1)
    }
}

/// The claims, the checker and the proofs, as data.
fn scripts(out: &mut String, proofs: &[Proof]) {
    let _ = writeln!(
        out,
        "<script type=\"text/plain\" id=\"checker\">\n{CHECKER}</script>"
    );
    for (index, Proof { label, claim, file }) in proofs.iter().enumerate() {
        let suffix = suffix(index);
        let _ = writeln!(
            out,
            "<script type=\"application/json\" id=\"claim{suffix}\" class=\"claim\" data-label=\"{}\">{}</script>",
            escape(label),
            claim.json()
        );
        if let Embedded::Proof { gzip, name } = file {
            let _ = writeln!(
                out,
                "<script type=\"text/plain\" id=\"proof{suffix}\" data-name=\"{}\">{}</script>",
                escape(name),
                base64(gzip)
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_of_a_page_do_not_end_early() {
        for text in [CHECKER, PAGE_SCRIPT] {
            let small = text.to_lowercase();
            assert!(!small.contains("</script") && !small.contains("<!--"));
        }
        assert!(!PAGE_STYLE.contains("</") && !STYLE.contains("</"));
    }

    #[test]
    fn a_proof_is_taken_in_only_if_it_is_small() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.proof");
        std::fs::write(&path, "relucert-proof 1\n".repeat(1000)).expect("a file");
        let Embedded::Proof { gzip, name } = embed(&path, "a.proof", 2000).expect("read") else {
            panic!("too large");
        };
        assert_eq!(name, "a.proof.gz");
        let packed = folder.path().join("b.gz");
        std::fs::write(&packed, &gzip).expect("a file");
        let again = embed(&packed, "b.gz", gzip.len() as u64).expect("read");
        assert!(matches!(again, Embedded::Proof { gzip: same, .. } if same == gzip));
        for (path, limit) in [(&path, 20), (&packed, gzip.len() as u64 - 1)] {
            let found = embed(path, "x", limit).expect("read");
            assert!(matches!(found, Embedded::TooLarge(l) if l == limit));
        }
    }
}
