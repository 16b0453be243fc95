//! `--report` and `--plot`: what the pages and figures hold. How pages behave in a browser is tested by `javascript/test_chromium.js`.

use std::fs;
use std::io::Read;
use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;
use flate2::read::GzDecoder;

struct Ran {
    code: Option<i32>,
    out: String,
    error: String,
}

fn run(folder: &Path, command: &str) -> Ran {
    let arguments = command.split_whitespace().map(|word| {
        word.replace("DATA", &fixture("data"))
            .replace("NETWORKS", &fixture("networks"))
    });
    let output = cargo_bin_cmd!("relucert")
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("the program runs");
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        error: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn fixture(name: &str) -> String {
    format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("a file")
}

/// The content of a script element of data.
fn script<'a>(html: &'a str, id: &str) -> &'a str {
    let start = html.find(&format!("id=\"{id}\"")).expect("the element");
    let open = start + html[start..].find('>').expect("its end") + 1;
    &html[open..open + html[open..].find("</script>").expect("its end")]
}

/// Base64 with padding.
fn decoded(text: &str) -> Vec<u8> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => u32::from(c - b'A'),
        b'a'..=b'z' => u32::from(c - b'a') + 26,
        b'0'..=b'9' => u32::from(c - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    text.as_bytes()
        .chunks(4)
        .flat_map(|four| {
            let digits = four.iter().filter(|c| **c != b'=').count();
            let word = four.iter().fold(0, |word, &c| {
                word << 6 | if c == b'=' { 0 } else { value(c) }
            });
            word.to_be_bytes()[1..digits].to_vec()
        })
        .collect()
}

/// The page without its proof, which does not count among its bytes.
fn bytes_without_proof(html: &str) -> usize {
    let proof = if html.contains("id=\"proof\"") {
        script(html, "proof").len()
    } else {
        0
    };
    html.len() - proof
}

/// Nothing in a page is an address of something outside of it.
fn assert_self_contained(html: &str) {
    for word in ["http:", "https:", "//cdn", "@import", "url("] {
        let places: Vec<_> = html.match_indices(word).collect();
        assert!(places.is_empty(), "{word}: {places:?}");
    }
    assert!(html.contains("default-src 'none'"));
}

#[test]
fn a_report_holds_the_proof_that_the_checker_accepts() {
    let folder = tempfile::tempdir().expect("a folder");
    for (command, code) in [
        (
            "certify --data DATA/curve.csv --weight-decay 0.02 --network NETWORKS/curve_bump.json --json",
            1,
        ),
        (
            "solve --data DATA/xor.csv --loss half-sum --weight-decay 0.1 --no-bias --json",
            0,
        ),
        (
            "certify --data DATA/five_points.csv --loss sum --ridge 1/2 --network NETWORKS/five/flat.json --fixed-width --json",
            0,
        ),
    ] {
        let ran = run(folder.path(), &format!("{command} --report out.html"));
        assert_eq!(ran.code, Some(code), "{}", ran.error);
        let answer: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
        // The proof was written for the page alone.
        assert!(answer["proof"].is_null(), "{command}");
        let html = read(folder.path(), "out.html");
        assert_self_contained(&html);
        let mut text = String::new();
        GzDecoder::new(&decoded(script(&html, "proof"))[..])
            .read_to_string(&mut text)
            .expect("gzip");
        let theorem = relucert_checker::check_reader(text.as_bytes()).expect("accepted");
        let claim: serde_json::Value =
            serde_json::from_str(script(&html, "claim")).expect("the claim");
        assert_eq!(claim["sha256"], theorem.problem.sha256.as_str());
        assert_eq!(claim["verdict"], answer["verdict"]);
        // Exact numbers are those of --json.
        let exact = answer["lower_bound"]["exact"].as_str().expect("a fraction");
        let shown = exact.strip_suffix("/1").unwrap_or(exact);
        assert_eq!(claim["bound"], shown);
        assert!(html.contains(&format!("<code>{shown}</code>")));
    }
    let left: Vec<_> = fs::read_dir(folder.path()).expect("the folder").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn the_report_of_a_path_holds_the_proof_of_every_point() {
    let folder = tempfile::tempdir().expect("a folder");
    let solve = "solve --data DATA/curve.csv --path 1:0.1:3 --format json --report out.html";
    let ran = run(folder.path(), solve);
    assert_eq!(ran.code, Some(0), "{}", ran.error);
    let answer: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let html = read(folder.path(), "out.html");
    assert_self_contained(&html);
    for (k, point) in answer["points"]
        .as_array()
        .expect("points")
        .iter()
        .enumerate()
    {
        let suffix = match k {
            0 => String::new(),
            k => format!("-{}", k + 1),
        };
        let packed = decoded(script(&html, &format!("proof{suffix}")));
        let mut text = String::new();
        GzDecoder::new(&packed[..])
            .read_to_string(&mut text)
            .expect("gzip");
        let theorem = relucert_checker::check_reader(text.as_bytes()).expect("accepted");
        let claim: serde_json::Value =
            serde_json::from_str(script(&html, &format!("claim{suffix}"))).expect("the claim");
        assert_eq!(claim["sha256"], theorem.problem.sha256.as_str());
        assert_eq!(claim["sha256"], point["sha256"]);
        let exact = point["lower_bound"]["exact"].as_str().expect("a fraction");
        assert_eq!(claim["bound"], exact.strip_suffix("/1").unwrap_or(exact));
        assert_eq!(claim["verdict"], point["verdict"]);
        // The proofs were written for the page alone.
        assert!(point["proof"].is_null());
    }
    let left: Vec<_> = fs::read_dir(folder.path()).expect("the folder").collect();
    assert_eq!(left.len(), 1, "{left:?}");
    // With a folder the proofs are in both places; the limit is for all of them together.
    let first = decoded(script(&html, "proof")).len();
    let ran = run(
        folder.path(),
        &format!("{solve} --proof proofs --report-proof {first}"),
    );
    assert_eq!(ran.code, Some(0), "{}", ran.error);
    let html = read(folder.path(), "out.html");
    assert!(html.contains("id=\"proof\"") && !html.contains("id=\"proof-2\""));
    assert!(html.contains("1 of 3 proofs"), "{html}");
    assert!(folder.path().join("proofs/path-003.proof").exists());
    run(folder.path(), &format!("{solve} --report-proof 0"));
    let html = read(folder.path(), "out.html");
    assert!(!html.contains("id=\"proof\""));
}

#[test]
fn one_entry_has_its_cells_on_a_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let cells = "cells --data DATA/five_points.csv --no-bias --plot cells.svg --report cells.html";
    let ran = run(folder.path(), cells);
    assert_eq!(ran.code, Some(0), "{}", ran.error);
    let svg = read(folder.path(), "cells.svg");
    // The points −2, −1, 0, 1, 2: the one at 0 is a row of zeros and makes no cell.
    assert_eq!(svg.matches("2 of 4 rows active").count(), 2, "{svg}");
    assert!(read(folder.path(), "cells.html").contains("Cells: the activation patterns"));
    let solve = "solve --data DATA/five_points.csv --no-bias --loss sum --ridge 1/10 --plot s.svg --figure cells";
    let ran = run(folder.path(), solve);
    assert_eq!(ran.code, Some(0), "{}", ran.error);
    let svg = read(folder.path(), "s.svg");
    assert!(svg.matches("<circle").count() >= 1, "{svg}");
}

#[test]
fn every_figure_is_where_it_can_be() {
    let folder = tempfile::tempdir().expect("a folder");
    let iris = "--data DATA/iris.csv --features sepal_length,petal_length";
    for (command, figures) in [
        (
            "solve --data DATA/curve.csv --weight-decay 0.02",
            vec!["fit", "dual", "norms", "cells", "bracket"],
        ),
        (
            &format!("solve {iris} --weight-decay 0.1 --max-leaves 200"),
            vec!["fit", "dual", "norms", "cells", "bracket"],
        ),
        (
            "solve --data DATA/grid.csv --loss half-sum --weight-decay 0.5",
            vec!["norms", "bracket"],
        ),
        (
            "solve --data DATA/patches.csv --group signal --weight-decay 0.05",
            vec!["norms", "bracket"],
        ),
        ("solve --data DATA/curve.csv --path 1:0.1:4", vec!["path"]),
        (
            "minima --data DATA/five_points.csv --width 1 --loss sum --ridge 1/2",
            vec!["minima", "fit", "norms", "cells"],
        ),
        (&format!("cells {iris}"), vec!["cells"]),
        ("cells --data DATA/grid.csv", vec![]),
        ("solve --data DATA/zeros.csv --weight-decay 0.1", vec![]),
    ] {
        let ran = run(
            folder.path(),
            &format!("{command} --report out.html --quiet"),
        );
        let html = read(folder.path(), "out.html");
        assert_self_contained(&html);
        assert!(bytes_without_proof(&html) < 500_000, "{command}");
        let found: Vec<&str> = html
            .split("<figure id=\"figure-")
            .skip(1)
            .map(|rest| rest.split('"').next().expect("a name"))
            .collect();
        for name in figures {
            assert!(found.contains(&name), "{command}: {found:?}\n{}", ran.error);
        }
        for drawing in html.split("<svg ").skip(1) {
            let drawing = drawing.split("</svg>").next().expect("a drawing");
            assert!(
                !drawing.contains("NaN") && !drawing.contains("\"inf"),
                "{command}"
            );
        }
    }
}

#[test]
fn a_page_of_many_samples_stays_small() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut csv = "a,b,y\n".to_owned();
    for i in 0..3000u32 {
        let (a, b) = (i * 7919 % 3001, i * 104_729 % 3001);
        csv += &format!("{}.{a:04},{}.{b:04},{}\n", a % 3, b % 5, (a + b) % 7);
    }
    fs::write(folder.path().join("many.csv"), csv).expect("a file");
    let ran = run(
        folder.path(),
        "solve --data many.csv --weight-decay 0.3 --max-leaves 100 --time-limit 20 --report out.html --report-proof 10",
    );
    assert!(ran.code.is_some_and(|code| code != 2), "{}", ran.error);
    let html = read(folder.path(), "out.html");
    assert!(html.len() < 500_000, "{}", html.len());
    assert!(html.contains("more than 10 bytes"));
    assert!(!html.contains("id=\"proof\""));
    assert!(html.contains("of 3000 samples are drawn"));
}

#[test]
fn names_are_escaped() {
    let folder = tempfile::tempdir().expect("a folder");
    let evil = "</script><img src=x onerror=alert(1)>";
    let csv = format!("{evil},{evil}y\n-1,1\n0,0\n1,1\n");
    fs::write(folder.path().join("<b>.csv"), csv).expect("a file");
    for command in [
        "solve --data <b>.csv --weight-decay 0.1",
        "solve --data <b>.csv --path 1:0.1:2",
        "minima --data <b>.csv --width 1 --weight-decay 0.1",
        "cells --data <b>.csv",
    ] {
        run(
            folder.path(),
            &format!("{command} --report o.html --plot o.svg"),
        );
        for name in ["o.html", "o.svg"] {
            let text = read(folder.path(), name);
            assert!(!text.contains("<img") && !text.contains("<b>"), "{command}");
            assert!(
                name == "o.svg" || text.contains("&lt;img src=x"),
                "{command}"
            );
        }
    }
}

#[test]
fn a_plot_is_a_drawing_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let solve = "solve --data DATA/xor.csv --weight-decay 0.1 --quiet";
    for (figure, words) in [
        ("", "Data and fit"),
        ("--figure dual", "|F_v(u)|/β"),
        ("--figure norms", "Neurons"),
        ("--figure bracket", "bracket"),
    ] {
        let ran = run(folder.path(), &format!("{solve} --plot a.svg {figure}"));
        assert_eq!(ran.code, Some(0), "{}", ran.error);
        let svg = read(folder.path(), "a.svg");
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
        assert!(svg.contains(words) && svg.ends_with("</svg>\n"), "{figure}");
        assert!(!svg.contains("var("), "{figure}");
    }
    // The same run draws the same picture.
    let first = read(folder.path(), "a.svg");
    run(folder.path(), &format!("{solve} --plot b.svg --figure fit"));
    run(folder.path(), &format!("{solve} --plot c.svg --figure fit"));
    assert_eq!(read(folder.path(), "b.svg"), read(folder.path(), "c.svg"));
    assert_ne!(first, read(folder.path(), "b.svg"));
}

#[cfg(feature = "png")]
#[test]
fn a_png_has_the_size_of_its_drawing() {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = run(
        folder.path(),
        "solve --data DATA/xor.csv --weight-decay 0.1 --quiet --plot a.png --figure norms",
    );
    if ran.error.contains("no fonts") {
        return;
    }
    assert_eq!(ran.code, Some(0), "{}", ran.error);
    let png = fs::read(folder.path().join("a.png")).expect("a file");
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
    assert_eq!(number(16), 1100);
    // More than white paper.
    assert!(png.len() > 5000, "{}", png.len());
}

#[test]
fn what_cannot_be_drawn_is_known_before_the_work() {
    let folder = tempfile::tempdir().expect("a folder");
    for (command, words) in [
        (
            "solve --data DATA/iris.csv --weight-decay 0.01 --plot a.svg --figure fit",
            "--figure fit: there is no such figure",
        ),
        (
            "solve --data DATA/iris.csv --weight-decay 0.01 --plot a.pdf",
            "ends neither in .svg nor in .png",
        ),
        (
            "solve --data DATA/iris.csv --weight-decay 0.01 --report missing/a.html",
            "--report missing/a.html: the file cannot be written",
        ),
        (
            "solve --data DATA/iris.csv --weight-decay 0.01 --report a --plot a",
            "--report and --plot name the same file",
        ),
        (
            "cells --data DATA/iris.csv --list --report a.html",
            "are for counts, not for lists",
        ),
        (
            "solve --data DATA/iris.csv --beta-max --report a.html",
            "--beta-max has no report",
        ),
        (
            "solve --data DATA/iris.csv --path 1:0.1:3 --plot a.svg --figure norms",
            "there are: path",
        ),
    ] {
        let ran = run(folder.path(), command);
        assert_eq!(ran.code, Some(2), "{command}: {}", ran.error);
        assert!(ran.error.contains(words), "{command}: {}", ran.error);
    }
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}
