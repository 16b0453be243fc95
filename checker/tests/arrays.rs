//! Arrays of the user: `.npy`, `.npz` and `.safetensors`, in every type, and damaged.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

#[path = "support/files.rs"]
mod files;

use files::{Folder, PLAIN, npy, npz, proof};

fn bytes_of<const N: usize>(values: &[i64], encode: impl Fn(i64) -> [u8; N]) -> Vec<u8> {
    values.iter().flat_map(|&x| encode(x)).collect()
}

#[test]
#[allow(clippy::disallowed_types)]
fn arrays_of_every_type_and_order_are_read() {
    // X = [[1, 2, 3], [4, 5, 6]], y = [7, 8]
    let (rows, columns, y) = ([1, 2, 3, 4, 5, 6], [1, 4, 2, 5, 3, 6], [7, 8]);
    let cases: Vec<(&str, Vec<u8>, Vec<u8>, bool)> = vec![
        ("<f4", bytes_of(&rows, |x| (x as f32).to_le_bytes()), bytes_of(&y, |x| (x as f32).to_le_bytes()), false),
        (">f4", bytes_of(&rows, |x| (x as f32).to_be_bytes()), bytes_of(&y, |x| (x as f32).to_be_bytes()), false),
        ("<f8", bytes_of(&rows, |x| (x as f64).to_le_bytes()), bytes_of(&y, |x| (x as f64).to_le_bytes()), false),
        (">f8", bytes_of(&columns, |x| (x as f64).to_be_bytes()), bytes_of(&y, |x| (x as f64).to_be_bytes()), true),
        ("|i1", bytes_of(&rows, |x| (x as i8).to_le_bytes()), bytes_of(&y, |x| (x as i8).to_le_bytes()), false),
        ("|u1", bytes_of(&columns, |x| (x as u8).to_le_bytes()), bytes_of(&y, |x| (x as u8).to_le_bytes()), true),
        ("<i2", bytes_of(&rows, |x| (x as i16).to_le_bytes()), bytes_of(&y, |x| (x as i16).to_le_bytes()), false),
        (">u4", bytes_of(&rows, |x| (x as u32).to_be_bytes()), bytes_of(&y, |x| (x as u32).to_be_bytes()), false),
        ("<i8", bytes_of(&rows, |x| x.to_le_bytes()), bytes_of(&y, |x| x.to_le_bytes()), false),
        (">i8", bytes_of(&columns, |x| x.to_be_bytes()), bytes_of(&y, |x| x.to_be_bytes()), true),
    ];
    let statement = "hidden-bias decayed\noutput-bias none\ndata 2 2 3 1 1\ns 7 1 2 3\ns 8 4 5 6\n";
    for (descr, x, targets, fortran) in cases {
        for shape in ["(2,)", "(2, 1)"] {
            let folder = Folder::new();
            let x = npy(descr, fortran, "(2, 3)", &x);
            folder.write("data.npz", npz(&[("X", x), ("y", npy(descr, fortran, shape, &targets))]));
            folder.write("proof", proof(statement, ""));
            let (status, _, err) = folder.run(&["proof", "--data", "data.npz", "--weight-decay", "0.1"]);
            assert_eq!(status, 0, "{descr} {fortran} {shape}: {err}");
        }
    }
    // A table in one array: negative numbers, and only some columns.
    let folder = Folder::new();
    folder.write(
        "data.npy",
        npy("<i2", false, "(2, 3)", &bytes_of(&[1, -2, 3, -4, 5, -6], |x| (x as i16).to_le_bytes())),
    );
    folder.write("proof", proof("hidden-bias decayed\noutput-bias none\ndata 2 2 1 1 1\ns 3 -2\ns -6 5\n", ""));
    let (status, _, err) =
        folder.run(&["proof", "--data", "data.npy", "--weight-decay", "0.1", "--features", "x1", "--target", "y"]);
    assert_eq!(status, 0, "{err}");
}

#[test]
fn damaged_arrays_are_refused() {
    let one = |x: u64| x.to_le_bytes().to_vec();
    let float = |bits: u64| npy("<f8", false, "(1, 1)", &one(bits));
    let y = npy("<f8", false, "(1,)", &one(0));
    let good = npz(&[("X", float(0)), ("y", y.clone())]);
    let mut flipped = good.clone();
    let at = flipped.windows(6).position(|window| window == b"\x93NUMPY").unwrap() + 130;
    flipped[at] ^= 1;
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("nan", npz(&[("X", float(0x7ff8_0000_0000_0000)), ("y", y.clone())]), "not a number"),
        ("infinity", npz(&[("X", float(0xfff0_0000_0000_0000)), ("y", y.clone())]), "infinite"),
        ("flipped bit", flipped, "damaged"),
        ("cut", good[..good.len() - 1].to_vec(), ".npz archive"),
        ("bytes after", [&good[..], b"x"].concat(), ".npz archive"),
        ("no y", npz(&[("X", float(0))]), "X and y"),
        ("shape", npz(&[("X", npy("<f8", false, "(1,)", &one(0))), ("y", y.clone())]), "shapes"),
        ("length", npz(&[("X", npy("<f8", false, "(2, 1)", &one(0))), ("y", y.clone())]), "bytes"),
        ("rows", npz(&[("X", npy("<f4", false, "(2, 1)", &one(0))), ("y", y.clone())]), "2 rows"),
        ("complex", npz(&[("X", npy("<c8", false, "(1, 1)", &one(0))), ("y", y.clone())]), "not supported"),
        ("objects", npz(&[("X", npy("|O", false, "(1, 1)", &one(0))), ("y", y.clone())]), "not supported"),
        ("vast and empty", npz(&[("X", npy("<f8", true, "(1000000000000, 0)", &[])), ("y", y.clone())]), "shape"),
        ("huge", npz(&[("X", npy("<f8", false, "(4294967296, 4294967296)", &[])), ("y", y)]), "bytes"),
        ("empty", Vec::new(), ".npz archive"),
    ];
    for (name, bytes, words) in cases {
        let folder = Folder::new();
        folder.write("data.npz", bytes);
        folder.write("proof", proof(PLAIN, ""));
        let (status, _, err) = folder.run(&["proof", "--data", "data.npz", "--weight-decay", "0.1"]);
        assert_eq!(status, 2, "{name}");
        assert!(err.contains(words), "{name}: {err}");
    }
}

/// Whether a data file is read, and gives the statement with these lines of data.
fn reads(name: &str, bytes: &[u8], data: &str) -> (i32, String) {
    let folder = Folder::new();
    folder.write(name, bytes);
    folder.write("proof", proof(&format!("hidden-bias decayed\noutput-bias none\n{data}"), ""));
    let (status, _, err) = folder.run(&["proof", "--data", name, "--weight-decay", "0.1"]);
    (status, err)
}

#[test]
fn the_least_and_greatest_numbers_of_each_type_are_read() {
    // The first entry is the feature, the second the target.
    let cases: [(&str, &[u8], &str); 14] = [
        ("<f2", &[0x00, 0xc0, 0x00, 0x42], "s 3 -2"),
        (">f2", &[0xc0, 0x00, 0x42, 0x00], "s 3 -2"),
        ("<f4", &[0, 0, 0, 0xc0, 0, 0, 0x40, 0x40], "s 3 -2"),
        ("|i1", &[0x80, 0x7f], "s 127 -128"),
        ("<i1", &[0xfe, 3], "s 3 -2"),
        ("<i2", &[0x00, 0x80, 0xff, 0x7f], "s 32767 -32768"),
        (">i4", &[0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff], "s 2147483647 -2147483648"),
        ("<i4", &[0xfe, 0xff, 0xff, 0xff, 3, 0, 0, 0], "s 3 -2"),
        (
            ">i8",
            &[0x80, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            "s 9223372036854775807 -9223372036854775808",
        ),
        ("|u1", &[0xff, 0x80], "s 128 255"),
        ("<u2", &[0xfe, 0xff, 0x01, 0x02], "s 513 65534"),
        (">u2", &[0xff, 0xfe, 0x02, 0x01], "s 513 65534"),
        ("<u4", &[0xfe, 0xff, 0xff, 0xff, 1, 2, 3, 4], "s 67305985 4294967294"),
        (
            "<u8",
            &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0x80],
            "s 9223372036854775809 18446744073709551614",
        ),
    ];
    for (descr, bytes, sample) in cases {
        let (status, err) =
            reads("data.npy", &npy(descr, false, "(1, 2)", bytes), &format!("data 1 1 1 1 1\n{sample}\n"));
        assert_eq!(status, 0, "{descr}: {err}");
    }
}

#[test]
fn headers_of_every_version_are_read_and_wrong_ones_refused() {
    let plain = npy("|i1", false, "(1, 2)", &[2, 3]);
    let data = "data 1 1 1 1 1\ns 3 2\n";
    assert_eq!(reads("data.npy", &plain, data).0, 0);
    for version in [2, 3] {
        let header = [b"\x93NUMPY", &[version, 0, plain[8], plain[9], 0, 0], &plain[10..]].concat();
        assert_eq!(reads("data.npy", &header, data).0, 0);
    }
    let text = String::from_utf8_lossy(&plain[10..]).into_owned();
    let changed = |old: &str, new: &str| {
        let text = text.replace(old, new);
        [&plain[..8], &(u16::try_from(text.len() - 2).unwrap()).to_le_bytes(), text.as_bytes()].concat()
    };
    let cases: [(&str, Vec<u8>, &str); 13] = [
        ("magic", [b"\x93NUMPX", &plain[6..]].concat(), "not a .npy array"),
        ("version 0", [b"\x93NUMPY\0", &plain[7..]].concat(), "not a .npy array"),
        ("version 4", [b"\x93NUMPY\x04", &plain[7..]].concat(), "not a .npy array"),
        ("minor version", [b"\x93NUMPY\x01\x01", &plain[8..]].concat(), "not a .npy array"),
        ("length", [&plain[..8], &[0xff, 0xff], &plain[10..]].concat(), "not a .npy array"),
        ("no type", changed("descr", "desc"), "not a .npy array"),
        ("no order", changed("fortran", "Fortran"), "not a .npy array"),
        ("order", changed("False", "false"), "not a .npy array"),
        ("no shape", changed("shape", "form"), "not a .npy array"),
        ("shape", changed("(1, 2)", "(1, x)"), "not a .npy array"),
        ("byte order", changed("|i1", "=i2"), "`=i2` are not supported"),
        ("native order of two bytes", changed("|i1", "|i2"), "`|i2` are not supported"),
        ("three indices", changed("(1, 2)", "(1, 1, 2)"), "not that of a table"),
    ];
    for (name, bytes, words) in cases {
        let (status, err) = reads("data.npy", &bytes, data);
        assert_eq!(status, 2, "{name}: {err}");
        assert!(err.contains(words), "{name}: {err}");
    }
}

#[test]
fn archives_are_read_with_comments_and_refused_when_damaged() {
    let x = npy("|i1", false, "(1, 1)", &[2]);
    let y = npy("|i1", false, "(1,)", &[3]);
    let good = npz(&[("X", x.clone()), ("y", y.clone())]);
    let data = "data 1 1 1 1 1\ns 3 2\n";
    let with_comment = |comment: &[u8]| {
        let length = u16::try_from(comment.len()).unwrap();
        [&good[..good.len() - 2], &length.to_le_bytes(), comment].concat()
    };
    let sign = [&b"PK\x05\x06"[..], &[b'x'; 40]].concat();
    // A mark of the end inside a comment, and one that would be right but for its length.
    for comment in
        [&b"a comment"[..], &sign, &[0; 65_535], &b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x07\0four"[..]]
    {
        let (status, err) = reads("data.npz", &with_comment(comment), data);
        assert_eq!(status, 0, "{} bytes of comment: {err}", comment.len());
    }
    let central = good.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let end = good.len() - 22;
    let set = |at: usize, bytes: &[u8]| {
        let mut changed = good.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        changed
    };
    // Entry 0 is stored, entry 1 deflated.
    let second = central + 46 + "X.npy".len();
    let size = |entry: usize| u32::from_le_bytes(good[entry + 24..entry + 28].try_into().unwrap());
    let cases = [
        ("mark of the directory", set(central, b"PK\x01\x03"), "damaged"),
        ("mark of the entry", set(0, b"PK\x03\x05"), "damaged"),
        ("encrypted", set(central + 8, &[1, 0]), "damaged"),
        ("encrypted, and more", set(central + 8, &[3, 0]), "damaged"),
        ("unknown method", set(central + 10, &[1, 0]), "damaged"),
        ("deflated, it says", set(central + 10, &[8, 0]), "damaged"),
        ("stored, it says", set(second + 10, &[0, 0]), "damaged"),
        ("checksum", set(central + 16, &[0]), "damaged"),
        ("size of a stored entry", set(central + 24, &(size(central) + 1).to_le_bytes()), "damaged"),
        ("size of a deflated entry", set(second + 24, &(size(second) + 1).to_le_bytes()), "damaged"),
        ("less of a deflated entry", set(second + 24, &(size(second) - 1).to_le_bytes()), "damaged"),
        ("one entry more", set(end + 10, &[3, 0]), "damaged"),
        ("one entry less", set(end + 10, &[1, 0]), "X and y"),
        ("number of entries of a larger format", set(end + 10, &[0xff, 0xff]), "more than 4 GiB"),
        ("place of a larger format", set(end + 16, &[0xff; 4]), "more than 4 GiB"),
        ("place of the entry", set(central + 42, &[0xff; 4]), "damaged"),
        ("name that is not UTF-8", set(central + 46, &[0xff]), "damaged"),
        ("a name twice", npz(&[("X", x.clone()), ("X", x), ("y", y)]), "occurs twice"),
    ];
    for (name, bytes, words) in cases {
        let (status, err) = reads("data.npz", &bytes, data);
        assert_eq!(status, 2, "{name}: {err}");
        assert!(err.contains(words), "{name}: {err}");
    }
    // A flag that does not matter.
    assert_eq!(reads("data.npz", &set(central + 8, &[2, 0]), data).0, 0);
}

#[test]
fn tensors_of_every_type_are_read_and_wrong_ones_refused() {
    // φ(2·1)·3 = 6, the target is 0: 36 + (0.1/2)·(4 + 9) = 733/20.
    let network = "network given 1 1 1 1\nn 3 2\nobjective 733 20\n";
    let check = |header: &str, data: &[u8]| {
        let folder = Folder::new();
        folder.write("data.csv", "x,y\n1,0\n");
        folder.write("proof", proof("hidden-bias none\noutput-bias none\ndata 1 1 1 1 1\ns 0 1\n", network));
        let length = u64::try_from(header.len()).unwrap().to_le_bytes();
        folder.write("net.safetensors", [&length[..], header.as_bytes(), data].concat());
        let args = ["proof", "--data", "data.csv", "--weight-decay", "0.1", "--network", "net.safetensors"];
        let (status, _, err) = folder.run(&args);
        (status, err)
    };
    let header = |dtype: &str, width: usize| {
        let tensor = |from: usize| {
            format!(r#"{{"dtype":"{dtype}","shape":[1,1],"data_offsets":[{},{}]}}"#, from * width, (from + 1) * width)
        };
        format!(r#"{{"0.weight":{},"1.weight":{}}}"#, tensor(0), tensor(1))
    };
    let types: [(&str, &[u8]); 4] = [
        ("F16", &[0x00, 0x40, 0x00, 0x42]),
        ("BF16", &[0x00, 0x40, 0x40, 0x40]),
        ("F32", &[0, 0, 0, 0x40, 0, 0, 0x40, 0x40]),
        ("F64", &[0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0x08, 0x40]),
    ];
    for (dtype, data) in types {
        let (status, err) = check(&header(dtype, data.len() / 2), data);
        assert_eq!(status, 0, "{dtype}: {err}");
    }
    let (good, data) = (header("F16", 2), types[0].1);
    for (name, header, words) in [
        ("type", good.replace("F16", "I64"), "`I64` are not supported"),
        ("no type", good.replacen(r#""dtype":"F16","#, "", 1), "`` are not supported"),
        ("no shape", good.replacen(r#""shape":[1,1],"#, "", 1), "damaged"),
        ("no place", good.replacen(r#","data_offsets":[0,2]"#, "", 1), "damaged"),
        ("another field", good.replacen("dtype", "type", 1), "damaged"),
        ("three offsets", good.replace("[0,2]", "[0,2,4]"), "damaged"),
        ("offsets in the wrong order", good.replace("[0,2]", "[2,0]"), "damaged"),
        ("offset behind the end", good.replace("[2,4]", "[2,5]"), "damaged"),
        ("shape", good.replace("[1,1]", "[1,2]"), "not an array of the shape"),
        ("a count that is none", good.replace("[1,1]", "[1,1.0]"), "`1.0` is not a count"),
        ("a word for a count", good.replace("[1,1]", "[1,true]"), "a count is expected"),
        ("a name twice", good.replace("1.weight", "0.weight"), "occurs twice"),
        ("more text", good.clone() + "{}", "text after the end"),
    ] {
        let (status, err) = check(&header, data);
        assert_eq!(status, 2, "{name}: {err}");
        assert!(err.contains(words), "{name}: {err}");
    }
}
