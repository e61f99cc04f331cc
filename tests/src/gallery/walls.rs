//! The walls: one page each, with what is filled into it. `{{elsewhere}}` is the site's other name.

/// A page of the gallery.
#[derive(Debug)]
pub struct Wall {
    /// Its address is `/walls/` and this.
    pub path: &'static str,
    /// What it is about, as HTML.
    pub title: &'static str,
    pub(super) page: &'static str,
    /// What stands for each `{{name}}` in the page.
    pub(super) fill: &'static [(&'static str, &'static str)],
}

/// Walls of one kind.
#[derive(Debug)]
pub struct Group {
    /// The kind.
    pub name: &'static str,
    /// Those of the kind.
    pub walls: &'static [Wall],
}

/// All walls.
pub const GROUPS: &[Group] = &[
    Group {
        name: "Pointer",
        walls: POINTER,
    },
    Group {
        name: "Codes in six boxes",
        walls: CODES,
    },
    Group {
        name: "Text",
        walls: TEXT,
    },
    Group {
        name: "Pickers",
        walls: PICKERS,
    },
    Group {
        name: "Dialogs",
        walls: DIALOGS,
    },
    Group {
        name: "Files",
        walls: FILES,
    },
    Group {
        name: "Frames, tabs and sites",
        walls: TABS,
    },
    Group {
        name: "Clipboard",
        walls: CLIPBOARD,
    },
    Group {
        name: "Fields that phones help with",
        walls: HELP,
    },
];

const POINTER: &[Wall] = &[
    Wall {
        path: "slider-pointer",
        title: "Slider captcha, pointer events",
        page: include_str!("pages/slider-pointer.html"),
        fill: &[],
    },
    Wall {
        path: "slider-mouse",
        title: "Slider captcha, mouse events",
        page: include_str!("pages/slider-mouse.html"),
        fill: &[],
    },
    Wall {
        path: "touch",
        title: "Page for fingers",
        page: include_str!("pages/touch.html"),
        fill: &[],
    },
    Wall {
        path: "range",
        title: "Range input",
        page: include_str!("pages/range.html"),
        fill: &[],
    },
    Wall {
        path: "selection",
        title: "Selecting text",
        page: include_str!("pages/selection.html"),
        fill: &[],
    },
    Wall {
        path: "drag-and-drop",
        title: "HTML5 drag and drop",
        page: include_str!("pages/drag-and-drop.html"),
        fill: &[],
    },
    Wall {
        path: "drawing",
        title: "Drawing a signature",
        page: include_str!("pages/drawing.html"),
        fill: &[],
    },
    Wall {
        path: "right-click",
        title: "Right click",
        page: include_str!("pages/right-click.html"),
        fill: &[],
    },
    Wall {
        path: "middle-click",
        title: "Middle click",
        page: include_str!("pages/middle-click.html"),
        fill: &[],
    },
    Wall {
        path: "triple-click",
        title: "Triple click",
        page: include_str!("pages/triple-click.html"),
        fill: &[],
    },
    Wall {
        path: "wheel",
        title: "Scrolling a box",
        page: include_str!("pages/wheel.html"),
        fill: &[],
    },
    Wall {
        path: "wheel-modifiers",
        title: "Wheel with modifiers",
        page: include_str!("pages/wheel-modifiers.html"),
        fill: &[],
    },
    Wall {
        path: "hover-menu",
        title: "Menu that opens by hovering",
        page: include_str!("pages/hover-menu.html"),
        fill: &[],
    },
];

const CODES: &[Wall] = &[
    Wall {
        path: "six-keydown",
        title: "Boxes that act on keydown",
        page: include_str!("pages/six-boxes.html"),
        fill: &[("kind", "keydown")],
    },
    Wall {
        path: "six-keyup",
        title: "Boxes that act on keyup",
        page: include_str!("pages/six-boxes.html"),
        fill: &[("kind", "keyup")],
    },
    Wall {
        path: "six-input",
        title: "Boxes that act on input",
        page: include_str!("pages/six-boxes.html"),
        fill: &[("kind", "input")],
    },
    Wall {
        path: "six-keycode",
        title: "Boxes that go by the key&#39;s number and a timer",
        page: include_str!("pages/six-boxes.html"),
        fill: &[("kind", "keycode")],
    },
];

const TEXT: &[Wall] = &[
    Wall {
        path: "react-field",
        title: "Field in React&#39;s manner",
        page: include_str!("pages/react-field.html"),
        fill: &[],
    },
    Wall {
        path: "vue-field",
        title: "Field in Vue&#39;s manner",
        page: include_str!("pages/vue-field.html"),
        fill: &[],
    },
    Wall {
        path: "textarea",
        title: "Text area",
        page: include_str!("pages/textarea.html"),
        fill: &[],
    },
    Wall {
        path: "contenteditable",
        title: "Editable text",
        page: include_str!("pages/contenteditable.html"),
        fill: &[],
    },
    Wall {
        path: "ime-name",
        title: "Name by an input method",
        page: include_str!("pages/ime-name.html"),
        fill: &[],
    },
    Wall {
        path: "emoji",
        title: "Emoji",
        page: include_str!("pages/emoji.html"),
        fill: &[],
    },
    Wall {
        path: "dead-keys",
        title: "Dead keys and AltGr",
        page: include_str!("pages/dead-keys.html"),
        fill: &[],
    },
    Wall {
        path: "shortcuts",
        title: "Keyboard shortcuts",
        page: include_str!("pages/shortcuts.html"),
        fill: &[],
    },
    Wall {
        path: "auto-repeat",
        title: "Key held down",
        page: include_str!("pages/auto-repeat.html"),
        fill: &[],
    },
];

const PICKERS: &[Wall] = &[
    Wall {
        path: "select-one",
        title: "Drop-down list",
        page: include_str!("pages/select-one.html"),
        fill: &[],
    },
    Wall {
        path: "select-groups",
        title: "Drop-down list with groups and closed entries",
        page: include_str!("pages/select-groups.html"),
        fill: &[],
    },
    Wall {
        path: "select-many",
        title: "List of which several can be chosen",
        page: include_str!("pages/select-many.html"),
        fill: &[],
    },
    Wall {
        path: "date",
        title: "Date",
        page: include_str!("pages/picker.html"),
        fill: &[
            ("kind", "date"),
            ("wanted", "1815-12-10"),
            ("asked", "Born on: 10 December 1815"),
        ],
    },
    Wall {
        path: "time",
        title: "Time",
        page: include_str!("pages/picker.html"),
        fill: &[
            ("kind", "time"),
            ("wanted", "14:45"),
            ("asked", "At: a quarter to three in the afternoon (14:45)"),
        ],
    },
    Wall {
        path: "month",
        title: "Month",
        page: include_str!("pages/picker.html"),
        fill: &[
            ("kind", "month"),
            ("wanted", "2031-04"),
            ("asked", "Valid until: April 2031"),
        ],
    },
    Wall {
        path: "week",
        title: "Week",
        page: include_str!("pages/picker.html"),
        fill: &[
            ("kind", "week"),
            ("wanted", "2030-W07"),
            ("asked", "In week 7 of 2030"),
        ],
    },
    Wall {
        path: "colour",
        title: "Colour",
        page: include_str!("pages/picker.html"),
        fill: &[
            ("kind", "color"),
            ("wanted", "#ff8000"),
            ("asked", "The colour #ff8000"),
        ],
    },
    Wall {
        path: "datalist",
        title: "Field with offers",
        page: include_str!("pages/datalist.html"),
        fill: &[],
    },
];

const DIALOGS: &[Wall] = &[
    Wall {
        path: "alert",
        title: "alert()",
        page: include_str!("pages/alert.html"),
        fill: &[],
    },
    Wall {
        path: "confirm",
        title: "confirm()",
        page: include_str!("pages/confirm.html"),
        fill: &[],
    },
    Wall {
        path: "prompt",
        title: "prompt()",
        page: include_str!("pages/prompt.html"),
        fill: &[],
    },
    Wall {
        path: "beforeunload",
        title: "Page that asks before it is left",
        page: include_str!("pages/beforeunload.html"),
        fill: &[],
    },
    Wall {
        path: "basic-auth",
        title: "HTTP Basic auth",
        page: include_str!("pages/basic-auth.html"),
        fill: &[],
    },
    Wall {
        path: "permission",
        title: "Permission",
        page: include_str!("pages/permission.html"),
        fill: &[],
    },
    Wall {
        path: "permission-early",
        title: "Permission, asked for at once",
        page: include_str!("pages/permission-early.html"),
        fill: &[],
    },
    Wall {
        path: "print",
        title: "print()",
        page: include_str!("pages/print.html"),
        fill: &[],
    },
    Wall {
        path: "passkey",
        title: "Passkey",
        page: include_str!("pages/passkey.html"),
        fill: &[],
    },
];

const FILES: &[Wall] = &[
    Wall {
        path: "upload-one",
        title: "Upload of one document",
        page: include_str!("pages/upload.html"),
        fill: &[
            ("asked", "Choose a PDF."),
            ("attributes", r#"accept=".pdf,application/pdf""#),
            ("count", "1"),
        ],
    },
    Wall {
        path: "upload-many",
        title: "Upload of several",
        page: include_str!("pages/upload.html"),
        fill: &[
            ("asked", "Choose two pictures."),
            ("attributes", r#"accept="image/*" multiple"#),
            ("count", "2"),
        ],
    },
    Wall {
        path: "upload-photo",
        title: "Upload of a photo taken now",
        page: include_str!("pages/upload.html"),
        fill: &[
            ("asked", "Take a photo of your card."),
            ("attributes", r#"accept="image/*" capture="environment""#),
            ("count", "1"),
        ],
    },
    Wall {
        path: "drop-files",
        title: "Files dropped on the page",
        page: include_str!("pages/drop-files.html"),
        fill: &[],
    },
    Wall {
        path: "download",
        title: "Download",
        page: include_str!("pages/download.html"),
        fill: &[],
    },
];

const TABS: &[Wall] = &[
    Wall {
        path: "captcha-frame",
        title: "Captcha in another site&#39;s frame",
        page: include_str!("pages/captcha-frame.html"),
        fill: &[("height", "160"), ("inner", "captcha-box")],
    },
    Wall {
        path: "captcha-nested",
        title: "Captcha in a frame in a frame",
        page: include_str!("pages/captcha-frame.html"),
        fill: &[("height", "300"), ("inner", "captcha-middle")],
    },
    Wall {
        path: "oauth",
        title: "Sign-in by a pop-up of another site",
        page: include_str!("pages/oauth.html"),
        fill: &[],
    },
    Wall {
        path: "blank-tab",
        title: "Code in a new tab",
        page: include_str!("pages/blank-tab.html"),
        fill: &[],
    },
    Wall {
        path: "crash",
        title: "Page that crashes",
        page: include_str!("pages/crash.html"),
        fill: &[],
    },
    Wall {
        path: "origin-change",
        title: "Redirect to another site",
        page: include_str!("pages/origin-change.html"),
        fill: &[],
    },
];

const CLIPBOARD: &[Wall] = &[
    Wall {
        path: "paste",
        title: "Page that hears the paste itself",
        page: include_str!("pages/paste.html"),
        fill: &[],
    },
    Wall {
        path: "paste-long",
        title: "Long text pasted",
        page: include_str!("pages/paste-long.html"),
        fill: &[],
    },
    Wall {
        path: "copy-out",
        title: "Text to be copied out",
        page: include_str!("pages/copy-out.html"),
        fill: &[],
    },
    Wall {
        path: "context-menu",
        title: "Browser&#39;s context menu",
        page: include_str!("pages/context-menu.html"),
        fill: &[],
    },
];

const HELP: &[Wall] = &[
    Wall {
        path: "one-time-code",
        title: "Code from a text message",
        page: include_str!("pages/one-time-code.html"),
        fill: &[],
    },
    Wall {
        path: "password",
        title: "Sign-in",
        page: include_str!("pages/password.html"),
        fill: &[],
    },
];

/// What is behind some walls, or inside of them.
const SCENERY: &[Wall] = &[
    Wall {
        path: "left",
        title: "You are through",
        page: include_str!("pages/left.html"),
        fill: &[],
    },
    Wall {
        path: "captcha-box",
        title: "Captcha",
        page: include_str!("pages/captcha-box.html"),
        fill: &[],
    },
    Wall {
        path: "captcha-code",
        title: "Captcha",
        page: include_str!("pages/captcha-code.html"),
        fill: &[],
    },
    Wall {
        path: "captcha-middle",
        title: "Captcha",
        page: include_str!("pages/captcha-middle.html"),
        fill: &[],
    },
    Wall {
        path: "oauth-consent",
        title: "Elsewhere: allow?",
        page: include_str!("pages/oauth-consent.html"),
        fill: &[],
    },
    Wall {
        path: "blank-tab-code",
        title: "Your code",
        page: include_str!("pages/blank-tab-code.html"),
        fill: &[],
    },
    Wall {
        path: "other-site",
        title: "Another site",
        page: include_str!("pages/other-site.html"),
        fill: &[],
    },
];

/// Returns the page at `/walls/{path}`.
pub fn find(path: &str) -> Option<&'static Wall> {
    let mut all = GROUPS.iter().flat_map(|group| group.walls).chain(SCENERY);
    all.find(|wall| wall.path == path)
}
