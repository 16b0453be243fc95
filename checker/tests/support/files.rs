//! Files of the user for the tests: a folder, arrays in their formats, and proofs about them.

#![allow(dead_code, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use relucert_checker::run;

static FOLDERS: AtomicUsize = AtomicUsize::new(0);

/// A folder of files, removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("relucert-own-files-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.0.join(name), bytes).unwrap();
    }
    /// Runs the command in this folder: names that exist there are paths.
    pub fn run(&self, args: &[&str]) -> (i32, String, String) {
        let args: Vec<OsString> = args
            .iter()
            .map(|arg| if self.0.join(arg).exists() { self.0.join(arg).into() } else { OsString::from(arg) })
            .collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let status = run(&args, &mut out, &mut err);
        (status, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A proof of nothing much about a statement, given from its `loss` line or its `activation` line on.
pub fn proof(statement: &str, networks: &str) -> String {
    let samples = statement.lines().filter(|line| line.starts_with("s ")).count();
    let statement = if statement.starts_with("activation") {
        statement.to_owned()
    } else {
        format!("activation 0 1 1\nloss mean\ndecay weight-decay 1 10\n{statement}")
    };
    let v = "v 0\n".repeat(samples);
    format!("relucert-proof 1\n{statement}{networks}bound 0 1\nverdict undecided 0 1\ndual 0 1\n{v}end\n")
}

pub const PLAIN: &str = "hidden-bias decayed\noutput-bias none\ndata 2 2 2 20 4\ns 4 10 5\ns -3 0 -2\n";

/// The bytes of a `.npy` array.
pub fn npy(descr: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let fortran = if fortran { "True" } else { "False" };
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}");
    while (header.len() + 11) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// The bytes of a zip archive; every second entry is deflated.
pub fn npz(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut bytes, mut central) = (Vec::new(), Vec::new());
    for (number, (name, data)) in entries.iter().enumerate() {
        let name = format!("{name}.npy");
        let mut crc = flate2::Crc::new();
        crc.update(data);
        let (method, packed) = if number % 2 == 0 {
            (0u16, data.clone())
        } else {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(data).unwrap();
            (8, encoder.finish().unwrap())
        };
        let mut common = Vec::new();
        common.extend(20u16.to_le_bytes());
        common.extend(0u16.to_le_bytes());
        common.extend(method.to_le_bytes());
        common.extend([0; 4]);
        common.extend(crc.sum().to_le_bytes());
        common.extend((packed.len() as u32).to_le_bytes());
        common.extend((data.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        let start = bytes.len() as u32;
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(4u16.to_le_bytes()); // an extra field, which the central directory does not have
        bytes.extend(name.as_bytes());
        bytes.extend([1, 0, 0, 0]);
        bytes.extend(&packed);
        central.extend(b"PK\x01\x02\x14\x00");
        central.extend(&common);
        central.extend([0; 12]);
        central.extend(start.to_le_bytes());
        central.extend(name.as_bytes());
    }
    let (start, size, count) = (bytes.len() as u32, central.len() as u32, entries.len() as u16);
    bytes.extend(&central);
    bytes.extend(b"PK\x05\x06\x00\x00\x00\x00");
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(size.to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}
