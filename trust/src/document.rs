//! The text of a proof as lines and tokens, whether they make sense or not.

use std::ops::Range;

/// The lines of a text; each is ended by a line feed when it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    pub lines: Vec<Vec<u8>>,
}

impl Document {
    #[must_use]
    pub fn new(text: &[u8]) -> Document {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        Document { lines: text.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect() }
    }

    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.lines.iter().map(|line| line.len() + 1).sum());
        for line in &self.lines {
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
        }
        bytes
    }

    /// The first word of a line.
    #[must_use]
    pub fn word(&self, at: usize) -> &[u8] {
        first_word(&self.lines[at])
    }

    /// The numbers of the lines that begin with the word.
    #[must_use]
    pub fn all(&self, word: &str) -> Vec<usize> {
        (0..self.lines.len()).filter(|&at| self.word(at) == word.as_bytes()).collect()
    }

    /// The number of the first line that begins with the word.
    #[must_use]
    pub fn find(&self, word: &str) -> Option<usize> {
        (0..self.lines.len()).find(|&at| self.word(at) == word.as_bytes())
    }

    /// The tokens of a line, as text; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn tokens(&self, at: usize) -> Vec<String> {
        String::from_utf8_lossy(&self.lines[at]).split(' ').map(str::to_owned).collect()
    }

    pub fn set(&mut self, at: usize, line: impl AsRef<[u8]>) {
        self.lines[at] = line.as_ref().to_vec();
    }

    /// Replaces one token of a line.
    pub fn set_token(&mut self, at: usize, place: usize, token: &str) {
        let mut tokens = self.tokens(at);
        token.clone_into(&mut tokens[place]);
        self.set(at, tokens.join(" "));
    }

    /// The lines of each fan or tree of rows, from its first line to the line before the next one's or `end`.
    #[must_use]
    pub fn fans(&self) -> Vec<Range<usize>> {
        let starts: Vec<usize> =
            (0..self.lines.len()).filter(|&at| matches!(self.word(at), b"fan" | b"rows")).collect();
        let end = self.find("end").unwrap_or(self.lines.len());
        let ends = starts.iter().copied().skip(1).chain([end.max(starts.last().copied().unwrap_or(0))]);
        starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
    }

    /// The lines that are nodes of trees: splits and leaves.
    #[must_use]
    pub fn nodes(&self) -> Vec<usize> {
        let is_node = |at: &usize| matches!(self.word(*at), b"/" | b"q" | b"?" | b"h" | b"e" | b"f" | b".");
        (0..self.lines.len()).filter(is_node).collect()
    }

    /// The lines of the tree that begins with line `at`.
    #[must_use]
    pub fn subtree(&self, at: usize) -> Range<usize> {
        let mut open = 1usize;
        let mut end = at;
        while open > 0 && end < self.lines.len() {
            match self.word(end) {
                b"/" | b"?" | b"h" => open += 1,
                b"q" | b"e" | b"f" | b"." => open -= 1,
                _ => break,
            }
            end += 1;
        }
        at..end
    }
}

fn first_word(line: &[u8]) -> &[u8] {
    line.split(|&byte| byte == b' ').next().unwrap_or(line)
}
