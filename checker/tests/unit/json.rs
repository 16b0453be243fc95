#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn strings_are_read_with_every_escape() {
    let read = |text: &str| Json::new(text.as_bytes()).string();
    let right = [
        (r#""""#, ""),
        (r#""hidden é""#, "hidden é"),
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""\u0041\u00e9\u20AC""#, "Aé€"),
        (" \n\t\r\"x\"", "x"),
    ];
    for (text, value) in right {
        assert_eq!(read(text).as_deref(), Ok(value), "{text}");
    }
    for (text, words) in [
        ("\"x", "not closed"),
        ("\"x\\", "not closed"),
        ("\"\\u004", "not closed"),
        ("\"\\u+041\"", "\\u that is no character"),
        ("\"\\ud800\"", "\\u that is no character"),
        ("\"\\u00g0\"", "\\u that is no character"),
        ("\"\\x\"", "wrong \\"),
        ("\"a\nb\"", "control character"),
        ("7", "a string is expected"),
        ("", "too early"),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.contains(words), "{text}: {error}");
    }
    assert_eq!(Json::new(b"\"\xff\"").string().unwrap_err(), "a string is not UTF-8");
}

#[test]
fn lists_and_objects_end_where_they_end() {
    let numbers = |text: &str| Json::new(text.as_bytes()).numbers_or_null();
    assert_eq!(numbers(" null"), Ok(None));
    assert_eq!(numbers("[ ]"), Ok(Some(Vec::new())));
    assert_eq!(numbers("[ 1 , -2.5e0 ]").unwrap().unwrap().len(), 2);
    for text in ["[1 2]", "[1,]", "[,1]", "[1", "1", "[null]", "[[1]]", "[true]", "[1}", "[1:2]", "{1]"] {
        assert!(numbers(text).is_err(), "{text}");
    }
    let keys = |text: &str| {
        let mut json = Json::new(text.as_bytes());
        let mut object = json.object()?;
        let mut keys = Vec::new();
        while let Some(key) = json.key(&mut object)? {
            keys.push(key);
            json.number_or_null()?;
        }
        json.end()?;
        Ok::<_, String>(keys)
    };
    assert_eq!(keys(r#" { "a" : 1 , "b":null} "#), Ok(vec!["a".to_owned(), "b".to_owned()]));
    for text in [
        r#"{"a":1,"a":2}"#,
        r#"{"a" 1}"#,
        r#"{a:1}"#,
        r#"{"a":1,}"#,
        r#"{"a":1}}"#,
        r#"["a"]"#,
        r#"{"a":1 "b":2}"#,
        r#"{"a",1}"#,
        r#"["a":1}"#,
        r#"{"a":1:"b":2}"#,
    ] {
        assert!(keys(text).is_err(), "{text}");
    }
}
