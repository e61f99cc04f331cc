//! Lists the viewer page's files, so that every one of them is inside the binary: whoever adds a
//! file to `viewer/` needs to tell nobody.

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// What a browser asks for; the folder holds a `package.json` for editors besides.
const SERVED: [&str; 4] = ["html", "css", "js", "svg"];

fn main() -> Result<(), Box<dyn Error>> {
    // How a build script talks to cargo.
    io::stdout().write_all(b"cargo::rerun-if-changed=viewer\n")?;
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("viewer");
    let mut files = Vec::new();
    collect(&folder, &mut files)?;
    files.sort();
    let mut list = String::from("&[\n");
    for path in files {
        let name = path.strip_prefix(&folder)?.to_str().ok_or("a plain name")?;
        let name = name.replace('\\', "/");
        list.push_str(&format!("    ({name:?}, include_bytes!({path:?})),\n"));
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("files.rs"), list)?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        if path.is_dir() {
            collect(&path, files)?;
        } else if ending.is_some_and(|ending| SERVED.contains(&ending)) {
            files.push(path);
        }
    }
    Ok(())
}
