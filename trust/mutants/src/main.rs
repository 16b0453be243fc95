//! Rewrites the source files of a folder so that each holds all its mutants, and the program chooses one when it runs.
//!
//!     relucert-mutants LIST FOLDER < NUMBERS
//!
//! LIST is what `cargo mutants --list --json` prints; a mutant's number is its place in it, counted from 1. FOLDER is a copy of
//! the source tree; its files are rewritten. NUMBERS, one a line, are mutants to leave out. In the result `crate::mutant()` is
//! the number of the mutant that is alive. Prints the numbers of the mutants that were put in.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use proc_macro2::{LineColumn, Span};
use serde_json::Value;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// A mutant: its number and what stands in the place of the original.
struct Mutant {
    number: usize,
    replacement: String,
}

/// The mutants of a file by kind and place (line from 1, column from 0).
type Places = BTreeMap<(String, usize, usize), Vec<Mutant>>;

/// A piece of the new text.
enum Piece {
    Text(String),
    /// A range of the old text, with the edits inside it.
    Source(Range<usize>),
}

/// A range of the old text, and what replaces it.
struct Edit {
    range: Range<usize>,
    pieces: Vec<Piece>,
}

/// Finds the places of the mutants and makes the edits.
struct Editor {
    places: Places,
    edits: Vec<Edit>,
    done: BTreeSet<usize>,
}

impl Editor {
    /// Takes the mutants of a kind that begin at a place.
    fn take(&mut self, kind: &str, LineColumn { line, column }: LineColumn) -> Vec<Mutant> {
        let mutants = self.places.remove(&(kind.to_owned(), line, column)).unwrap_or_default();
        self.done.extend(mutants.iter().map(|mutant| mutant.number));
        mutants
    }

    /// An expression that is one of several by the number of the mutant.
    fn choose(&mut self, range: Range<usize>, arms: Vec<(usize, Vec<Piece>)>, original: Vec<Piece>) {
        let mut pieces = vec![Piece::Text("(match crate::mutant() {".to_owned())];
        for (number, arm) in arms {
            pieces.push(Piece::Text(format!("\n{number} => ")));
            pieces.extend(arm);
            pieces.push(Piece::Text(",".to_owned()));
        }
        pieces.push(Piece::Text("\n_ => ".to_owned()));
        pieces.extend(original);
        pieces.push(Piece::Text("\n})".to_owned()));
        self.edits.push(Edit { range, pieces });
    }

    fn body(&mut self, block: &syn::Block) {
        let Some(first) = block.stmts.first() else { return };
        let mutants = self.take("FnValue", first.span().start());
        if mutants.is_empty() {
            return;
        }
        let at = block.brace_token.span.open().byte_range().end;
        let line = |Mutant { number, replacement }: &Mutant| {
            format!("\n{}if crate::mutant() == {number} {{ return {replacement}; }}", marker(*number))
        };
        let text: String = mutants.iter().map(line).collect();
        self.edits.push(Edit { range: at..at, pieces: vec![Piece::Text(text + "\n")] });
    }
}

/// A comment by which a compiler's message is traced to a mutant.
fn marker(number: usize) -> String {
    format!("/*M{number}*/")
}

fn bytes(span: Span) -> Range<usize> {
    span.byte_range()
}

impl<'ast> Visit<'ast> for Editor {
    fn visit_item_fn(&mut self, node: &'ast syn::ItemFn) {
        self.body(&node.block);
        visit::visit_item_fn(self, node);
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        self.body(&node.block);
        visit::visit_impl_item_fn(self, node);
    }

    fn visit_trait_item_fn(&mut self, node: &'ast syn::TraitItemFn) {
        if let Some(block) = &node.default {
            self.body(block);
        }
        visit::visit_trait_item_fn(self, node);
    }

    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}

    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}

    fn visit_expr_binary(&mut self, node: &'ast syn::ExprBinary) {
        let mutants = self.take("BinaryOperator", node.op.span().start());
        if !mutants.is_empty() {
            let (left, right) = (bytes(node.left.span()), bytes(node.right.span()));
            let sides = |operator: Piece| vec![Piece::Source(left.clone()), operator, Piece::Source(right.clone())];
            let arm = |Mutant { number, replacement }: Mutant| {
                (number, sides(Piece::Text(format!(" {}{replacement} ", marker(number)))))
            };
            let arms = mutants.into_iter().map(arm).collect();
            let original = sides(Piece::Source(left.end..right.start));
            self.choose(left.start..right.end, arms, original);
        }
        visit::visit_expr_binary(self, node);
    }

    fn visit_expr_unary(&mut self, node: &'ast syn::ExprUnary) {
        let mutants = self.take("UnaryOperator", node.op.span().start());
        if !mutants.is_empty() {
            let (whole, inside) = (bytes(node.span()), bytes(node.expr.span()));
            let arm = |Mutant { number, replacement }: Mutant| {
                (number, vec![Piece::Text(format!("{}{replacement}", marker(number))), Piece::Source(inside.clone())])
            };
            let arms = mutants.into_iter().map(arm).collect();
            let original = vec![Piece::Source(whole.start..inside.start), Piece::Source(inside.clone())];
            self.choose(whole, arms, original);
        }
        visit::visit_expr_unary(self, node);
    }

    fn visit_arm(&mut self, node: &'ast syn::Arm) {
        let deleted = self.take("MatchArm", node.span().start());
        let mut lives: String =
            deleted.iter().map(|m| format!("{}crate::mutant() != {} && ", marker(m.number), m.number)).collect();
        if let Some((_, guard)) = &node.guard {
            let mutants = self.take("MatchArmGuard", guard.span().start());
            let mut pieces = vec![Piece::Text(lives + "(match crate::mutant() {")];
            for Mutant { number, replacement } in mutants {
                pieces.push(Piece::Text(format!("\n{number} => {}{replacement},", marker(number))));
            }
            pieces.push(Piece::Text("\n_ => ".to_owned()));
            pieces.push(Piece::Source(bytes(guard.span())));
            pieces.push(Piece::Text("\n})".to_owned()));
            self.edits.push(Edit { range: bytes(guard.span()), pieces });
        } else if !lives.is_empty() {
            lives.push_str("true");
            let at = bytes(node.pat.span()).end;
            self.edits.push(Edit { range: at..at, pieces: vec![Piece::Text(format!(" if {lives}"))] });
        }
        visit::visit_arm(self, node);
    }
}

/// The new text of a range of the old one; only the edits from number `first` on are made.
fn render(source: &str, edits: &[Edit], range: Range<usize>, first: usize) -> String {
    let (mut text, mut at) = (String::new(), range.start);
    for (number, edit) in edits.iter().enumerate().skip(first) {
        if edit.range.start < at || edit.range.start >= range.end || edit.range.end > range.end {
            continue;
        }
        text.push_str(&source[at..edit.range.start]);
        for piece in &edit.pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Source(inside) => text.push_str(&render(source, edits, inside.clone(), number + 1)),
            }
        }
        at = edit.range.end;
    }
    text.push_str(&source[at..range.end]);
    text
}

/// Reads the list: the mutants of each file.
fn read_list(text: &str, left_out: &BTreeSet<usize>) -> Result<BTreeMap<String, Places>, Box<dyn Error>> {
    let list: Value = serde_json::from_str(text)?;
    let mut files: BTreeMap<String, Places> = BTreeMap::new();
    for (place, mutant) in list.as_array().ok_or("the list is no array")?.iter().enumerate() {
        let word = |name: &str| mutant[name].as_str().map(str::to_owned).ok_or(format!("{name} is missing"));
        let start = |name: &str| mutant["span"]["start"][name].as_u64().ok_or(format!("{name} is missing"));
        let key = (word("genre")?, start("line")? as usize, start("column")? as usize - 1);
        let number = place + 1;
        let file = files.entry(word("file")?).or_default();
        if !left_out.contains(&number) {
            file.entry(key).or_default().push(Mutant { number, replacement: word("replacement")? });
        }
    }
    Ok(files)
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [list, folder] = &args[..] else { return Err("usage: relucert-mutants LIST FOLDER < NUMBERS".into()) };
    let mut numbers = String::new();
    std::io::stdin().read_to_string(&mut numbers)?;
    let left_out = numbers.split_whitespace().map(str::parse).collect::<Result<BTreeSet<usize>, _>>()?;
    for (file, places) in read_list(&std::fs::read_to_string(list)?, &left_out)? {
        let path = Path::new(folder).join(&file);
        let source = std::fs::read_to_string(&path)?;
        let mut editor = Editor { places, edits: Vec::new(), done: BTreeSet::new() };
        editor.visit_file(&syn::parse_file(&source)?);
        // An edit comes before those inside it; the sort keeps the order of equal ranges, which is from outside to inside.
        editor.edits.sort_by_key(|edit| (edit.range.start, std::cmp::Reverse(edit.range.end)));
        std::fs::write(&path, render(&source, &editor.edits, 0..source.len(), 0))?;
        editor.done.iter().for_each(|number| println!("{number}"));
    }
    Ok(())
}
