use super::*;

fn put(output: &mut Output, path: &str, bytes: &str) -> Result<Changes, OutputError> {
    output.announce([path])?;
    let put = output.put(path, 1, bytes.as_bytes())?;
    output.commit(vec![put])
}

fn modified_at(path: &Path) -> std::time::SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

#[test]
fn unchanged_bytes_are_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut output = Output::open(folder.path()).unwrap();
    assert_eq!(put(&mut output, "a/b.xml", "one").unwrap().written, 1);
    let before = modified_at(&folder.path().join("a/b.xml"));
    assert_eq!(put(&mut output, "a/b.xml", "one").unwrap().written, 0);
    let mut output = Output::open(folder.path()).unwrap();
    assert!(output.is_current("a/b.xml", 1));
    assert!(!output.is_current("a/b.xml", 2));
    assert_eq!(put(&mut output, "a/b.xml", "one").unwrap().written, 0);
    assert_eq!(modified_at(&folder.path().join("a/b.xml")), before);
}

#[test]
fn a_file_that_was_changed_or_removed_by_others_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut output = Output::open(folder.path()).unwrap();
    put(&mut output, "changed", "one").unwrap();
    put(&mut output, "removed", "one").unwrap();
    fs::write(folder.path().join("changed"), "other").unwrap();
    fs::remove_file(folder.path().join("removed")).unwrap();
    let mut output = Output::open(folder.path()).unwrap();
    for path in ["changed", "removed"] {
        assert!(!output.is_current(path, 1));
        assert_eq!(put(&mut output, path, "one").unwrap().written, 1);
        assert_eq!(fs::read_to_string(folder.path().join(path)).unwrap(), "one");
    }
}

#[test]
fn what_is_complete_is_so_no_more_when_a_file_is_written_removed_or_changed_by_others() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Output::open(folder.path()).unwrap();
    let mut output = open();
    put(&mut output, "a", "one").unwrap();
    output.set_complete(7).unwrap();
    let mut output = open();
    assert!(output.is_complete(7) && !output.is_complete(8));
    put(&mut output, "a", "one").unwrap();
    assert!(output.is_complete(7), "the same bytes change nothing");
    put(&mut output, "b", "two").unwrap();
    assert!(!output.is_complete(7) && !open().is_complete(7));
    output.set_complete(7).unwrap();
    output.remove(&["b".into()]).unwrap();
    assert!(!output.is_complete(7) && !open().is_complete(7));
    output.set_complete(7).unwrap();
    fs::write(folder.path().join("a"), "other").unwrap();
    assert!(!open().is_complete(7));
}

#[test]
fn a_foreign_file_is_neither_replaced_nor_removed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "theirs").unwrap();
    let mut output = Output::open(folder.path()).unwrap();
    let error = put(&mut output, "index.html", "ours").unwrap_err();
    assert!(matches!(error, OutputError::Foreign { .. }), "{error}");
    output.remove(&["index.html".into()]).unwrap();
    assert_eq!(
        fs::read_to_string(folder.path().join("index.html")).unwrap(),
        "theirs"
    );
}

#[test]
fn a_foreign_file_with_the_same_bytes_is_adopted() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "same").unwrap();
    let mut output = Output::open(folder.path()).unwrap();
    assert_eq!(put(&mut output, "index.html", "same").unwrap().written, 0);
    assert_eq!(put(&mut output, "index.html", "new").unwrap().written, 1);
}

#[test]
fn a_file_announced_before_a_crash_is_known_as_ours() {
    let folder = tempfile::tempdir().unwrap();
    let mut output = Output::open(folder.path()).unwrap();
    output.announce(["a"]).unwrap();
    output.put("a", 1, b"one").unwrap();
    drop(output); // no commit: the process was killed
    let mut output = Output::open(folder.path()).unwrap();
    assert_eq!(put(&mut output, "a", "two").unwrap().written, 1);
}

#[test]
fn removing_leaves_no_empty_folders_and_keeps_what_others_changed() {
    let folder = tempfile::tempdir().unwrap();
    let mut output = Output::open(folder.path()).unwrap();
    put(&mut output, "a/b/c", "one").unwrap();
    put(&mut output, "d", "one").unwrap();
    fs::write(folder.path().join("d"), "edited by hand").unwrap();
    let changes = output.remove(&["a/b/c".into(), "d".into()]).unwrap();
    assert_eq!(changes.removed, 1);
    assert!(!folder.path().join("a").exists());
    assert!(folder.path().join("d").exists());
}

#[test]
fn no_path_leaves_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut output = Output::open(folder.path()).unwrap();
    for path in [
        "../a",
        "/a",
        "a/../b",
        "",
        "a//b",
        ".",
        "a\\b",
        ".tidings/manifest",
    ] {
        let error = output.announce([path]).unwrap_err();
        assert!(matches!(error, OutputError::Outside { .. }), "{path}");
    }
}

#[test]
fn leftovers_of_a_killed_process_are_cleared() {
    let folder = tempfile::tempdir().unwrap();
    drop(Output::open(folder.path()).unwrap());
    fs::write(folder.path().join(".tidings/tmp/7"), "half").unwrap();
    drop(Output::open(folder.path()).unwrap());
    assert!(!folder.path().join(".tidings/tmp/7").exists());
}

#[test]
fn generated_files_are_readable_by_the_web_server() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mut output = Output::open(folder.path()).unwrap();
    put(&mut output, "a", "one").unwrap();
    let ours = fs::metadata(folder.path().join("a"))
        .unwrap()
        .permissions()
        .mode();
    fs::write(folder.path().join("plain"), "one").unwrap();
    let plain = fs::metadata(folder.path().join("plain"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(ours, plain);
}
