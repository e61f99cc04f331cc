//! A browser on macOS does nothing for most keys unless it is told the command by name.

use super::*;

const ALT: u8 = 1;
const CTRL: u8 = 2;
const META: u8 = 4;
const SHIFT: u8 = 8;

/// The commands a key is sent with on a platform.
fn commands(platform: Platform, key: &str, code: &str, modifiers: u8) -> Vec<String> {
    let mut bench = Bench::on(platform);
    assert_eq!(bench.key("keydown", key, code, modifiers), Ok(()));
    let event = bench.next_json();
    let names = member(&event, "commands");
    names
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(String::from))
        .collect()
}

fn on_a_mac(key: &str, code: &str, modifiers: u8) -> Vec<String> {
    commands(Platform::Mac, key, code, modifiers)
}

#[test]
fn shortcuts_select_copy_paste_cut_and_undo() {
    for (key, code, modifiers, command) in [
        ("a", "KeyA", META, "selectAll"),
        ("c", "KeyC", META, "copy"),
        ("v", "KeyV", META, "paste"),
        ("V", "KeyV", META | SHIFT, "paste"),
        ("x", "KeyX", META, "cut"),
        ("y", "KeyY", META, "redo"),
        ("z", "KeyZ", META, "undo"),
        ("Z", "KeyZ", META | SHIFT, "redo"),
    ] {
        assert_eq!(on_a_mac(key, code, modifiers), [command], "{key}");
    }
}

#[test]
fn keys_that_move_the_caret_select_under_shift() {
    for (key, modifiers, moves, selects) in [
        ("ArrowLeft", 0, "moveLeft", "moveLeftAndModifySelection"),
        ("ArrowRight", 0, "moveRight", "moveRightAndModifySelection"),
        ("ArrowUp", 0, "moveUp", "moveUpAndModifySelection"),
        ("ArrowDown", 0, "moveDown", "moveDownAndModifySelection"),
        (
            "Home",
            0,
            "scrollToBeginningOfDocument",
            "moveToBeginningOfDocumentAndModifySelection",
        ),
        (
            "End",
            0,
            "scrollToEndOfDocument",
            "moveToEndOfDocumentAndModifySelection",
        ),
        ("PageUp", 0, "scrollPageUp", "pageUpAndModifySelection"),
        (
            "PageDown",
            0,
            "scrollPageDown",
            "pageDownAndModifySelection",
        ),
        (
            "ArrowLeft",
            ALT,
            "moveWordLeft",
            "moveWordLeftAndModifySelection",
        ),
        (
            "ArrowRight",
            ALT,
            "moveWordRight",
            "moveWordRightAndModifySelection",
        ),
        (
            "ArrowLeft",
            META,
            "moveToLeftEndOfLine",
            "moveToLeftEndOfLineAndModifySelection",
        ),
        (
            "ArrowRight",
            META,
            "moveToRightEndOfLine",
            "moveToRightEndOfLineAndModifySelection",
        ),
        (
            "ArrowUp",
            META,
            "moveToBeginningOfDocument",
            "moveToBeginningOfDocumentAndModifySelection",
        ),
        (
            "ArrowDown",
            META,
            "moveToEndOfDocument",
            "moveToEndOfDocumentAndModifySelection",
        ),
    ] {
        assert_eq!(on_a_mac(key, key, modifiers), [moves]);
        assert_eq!(on_a_mac(key, key, modifiers | SHIFT), [selects]);
    }
}

#[test]
fn keys_that_delete_do_so_with_and_without_shift() {
    for (key, modifiers, command) in [
        ("Backspace", 0, "deleteBackward"),
        ("Delete", 0, "deleteForward"),
        ("Backspace", ALT, "deleteWordBackward"),
        ("Delete", ALT, "deleteWordForward"),
        ("Backspace", META, "deleteToBeginningOfLine"),
    ] {
        assert_eq!(on_a_mac(key, key, modifiers), [command]);
        assert_eq!(on_a_mac(key, key, modifiers | SHIFT), [command]);
    }
}

#[test]
fn what_is_no_command_there_has_none() {
    for (key, code, modifiers) in [
        ("Tab", "Tab", 0),
        ("b", "KeyB", META),
        ("A", "KeyA", META | SHIFT),
        ("ArrowLeft", "ArrowLeft", ALT | META),
        ("a", "KeyA", 0),
    ] {
        assert_eq!(on_a_mac(key, code, modifiers), [""; 0], "{key}");
    }
}

#[test]
fn other_platforms_know_the_keys_themselves() {
    assert_eq!(
        commands(Platform::Other, "ArrowLeft", "ArrowLeft", 0),
        [""; 0]
    );
    assert_eq!(commands(Platform::Other, "a", "KeyA", META), [""; 0]);
}

#[test]
fn a_command_is_not_done_again_when_its_key_goes_up() {
    let mut bench = Bench::on(Platform::Mac);
    assert_eq!(bench.key("keydown", "ArrowLeft", "ArrowLeft", 0), Ok(()));
    assert_eq!(bench.key("keyup", "ArrowLeft", "ArrowLeft", 0), Ok(()));
    assert_eq!(
        member(&bench.next_json(), "commands"),
        serde_json::json!(["moveLeft"])
    );
    assert_eq!(
        bench.next_json(),
        serde_json::json!({
            "type": "keyUp", "key": "ArrowLeft", "code": "ArrowLeft", "windowsVirtualKeyCode": 37
        })
    );
}

#[test]
fn a_browser_that_turns_out_to_be_on_a_mac_gets_cmd_for_ctrl_from_then_on() {
    let mut bench = Bench::new();
    bench.dispatcher.set_platform(Platform::Mac);
    assert_eq!(bench.key("keydown", "c", "KeyC", 2), Ok(()));
    assert_eq!(bench.due(), ["rawKeyDown c/KeyC 67 +4"]);
}

#[test]
fn cmd_with_ctrl_is_no_editing_key_elsewhere() {
    for (modifiers, expected) in [
        (META, ["rawKeyDown Home/Home 36", "keyUp Home/Home 36"]),
        (
            META | CTRL,
            [
                "rawKeyDown ArrowLeft/ArrowLeft 37 +2",
                "keyUp ArrowLeft/ArrowLeft 37 +2",
            ],
        ),
    ] {
        let mut bench = Bench::new();
        let pressed = bench.key("keydown", "ArrowLeft", "ArrowLeft", modifiers);
        assert_eq!(pressed, Ok(()));
        assert_eq!(bench.due(), expected);
    }
}
