//! The files that the rules check.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::Fallible;

/// Generated, downloaded or private folders.
const PASSED_OVER: &[&str] = &["target", "node_modules", "dist", "docket-data", "screenshots"];
const KINDS: &[&str] = &["rs", "toml", "ts", "tsx", "js", "mjs", "css", "sql", "sh", "yml", "yaml", "md"];

/// One text file; its path is relative to the root, with `/` between its parts.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    /// The part before the file's tests, which are at its end by convention.
    pub fn before_tests(&self) -> &str {
        let mut end = 0;
        for line in self.text.split_inclusive('\n') {
            if line.starts_with("#[cfg(test)]") && self.is("rs") {
                break;
            }
            end += line.len();
        }
        &self.text[..end]
    }

    /// Whether the file has this extension.
    pub fn is(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }
}

/// All files of a checkout that rules may check.
pub struct Tree {
    files: Vec<File>,
    /// The size of every file, including binary files.
    sizes: BTreeMap<String, u64>,
}

impl Tree {
    /// Reads a checkout. Walks the folders itself: git refuses to list a checkout that belongs to another user.
    pub fn read(root: &Path) -> Fallible<Self> {
        let mut tree = Self { files: Vec::new(), sizes: BTreeMap::new() };
        tree.walk(root, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File { path: (*path).into(), text: (*text).into() };
        let sizes = files.iter().map(|(path, text)| ((*path).to_owned(), text.len() as u64)).collect();
        Self { files: files.iter().map(file).collect(), sizes }
    }

    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// Every file with its size in bytes.
    pub fn sizes(&self) -> impl Iterator<Item = (&str, u64)> {
        self.sizes.iter().map(|(path, bytes)| (path.as_str(), *bytes))
    }

    /// Whether a file or a folder has this path.
    pub fn holds(&self, path: &str) -> bool {
        let inside = format!("{path}/");
        self.sizes.contains_key(path) || self.sizes.keys().any(|file| file.starts_with(&inside))
    }

    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is("rs"))
    }

    fn walk(&mut self, folder: &Path, prefix: &str) -> Fallible<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() && !name.starts_with('.') && !PASSED_OVER.contains(&name.as_str()) {
                self.walk(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() {
                self.sizes.insert(path.clone(), entry.metadata()?.len());
                if Path::new(&name).extension().is_some_and(|e| KINDS.iter().any(|kind| e == *kind)) {
                    let text = String::from_utf8_lossy(&fs::read(entry.path())?).into_owned();
                    self.files.push(File { path, text });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_at_the_end_of_a_file_are_left_out() {
        let tree = Tree::of(&[("a.rs", "fn a() {}\n    #[cfg(test)]\n#[cfg(test)]\nmod tests {}\n")]);

        assert_eq!(tree.files()[0].before_tests(), "fn a() {}\n    #[cfg(test)]\n");
    }

    #[test]
    fn generated_and_hidden_folders_are_skipped() {
        let root = std::env::temp_dir().join(format!("docket-tree-{}", std::process::id()));
        for path in ["crates/a/src/lib.rs", "target/x.rs", "web/node_modules/y/z.ts", ".git/h.rs", "notes.bin"] {
            let file = root.join(path);
            fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            fs::write(file, "//").expect("written");
        }

        let tree = Tree::read(&root).expect("a tree");

        fs::remove_dir_all(&root).expect("removed");
        assert_eq!(tree.files().iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["crates/a/src/lib.rs"]);
    }
}
