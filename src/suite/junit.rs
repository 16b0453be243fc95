//! Results as JUnit XML, which continuous integration reads.

use std::fmt::Write;

use super::Ended;

/// The results of a file of cases.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The file.
    pub name: String,
    /// The cases: name, end and seconds.
    pub cases: Vec<(String, Ended, f64)>,
}

/// The XML of some files' results. Seconds are wall times.
pub fn junit(suites: &[Suite]) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
    for suite in suites {
        let count =
            |wanted: fn(&Ended) -> bool| suite.cases.iter().filter(|c| wanted(&c.1)).count();
        let seconds: f64 = suite.cases.iter().map(|c| c.2).sum();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{seconds:.3}\">",
            escaped(&suite.name),
            suite.cases.len(),
            count(|e| matches!(e, Ended::Differs(_))),
            count(|e| matches!(e, Ended::Failed(_))),
            count(|e| matches!(e, Ended::NotRun)),
        );
        for (name, ended, seconds) in &suite.cases {
            let _ = write!(
                text,
                "    <testcase classname=\"{}\" name=\"{}\" time=\"{seconds:.3}\"",
                escaped(&suite.name),
                escaped(name)
            );
            text += &inside(ended);
        }
        text += "  </testsuite>\n";
    }
    text + "</testsuites>\n"
}

fn inside(ended: &Ended) -> String {
    match ended {
        Ended::Passed => "/>\n".to_owned(),
        Ended::NotRun => ">\n      <skipped/>\n    </testcase>\n".to_owned(),
        Ended::Failed(message) => {
            let message = escaped(message);
            format!(">\n      <error message=\"{message}\">{message}</error>\n    </testcase>\n")
        }
        Ended::Differs(list) => {
            let lines: Vec<String> = list
                .iter()
                .map(|d| {
                    let text = format!(
                        "line {}: {}: expected {}, found {}",
                        d.line, d.field, d.expected, d.found
                    );
                    escaped(&text)
                })
                .collect();
            let fields: Vec<&str> = list.iter().map(|d| d.field.as_str()).collect();
            format!(
                ">\n      <failure message=\"{} differs\">{}</failure>\n    </testcase>\n",
                escaped(&fields.join(", ")),
                lines.join("\n")
            )
        }
    }
}

/// Text in XML; what XML cannot hold is replaced.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            '\n' | '\t' => c.to_string(),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => '\u{fffd}'.to_string(),
            c => c.to_string(),
        })
        .collect()
}
