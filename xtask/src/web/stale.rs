//! Whether a build result is up to date.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::Path;
use std::time::SystemTime;

use crate::Fallible;

/// Whether the result is newer than every source. A folder's own time shows that files were removed.
pub fn is_built(root: &Path, sources: &[&str], result: &str) -> Fallible<bool> {
    let built = match fs::metadata(root.join(result)) {
        Ok(metadata) => metadata.modified()?,
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(false),
        Err(why) => return Err(format!("look at {result}: {why}").into()),
    };
    for source in sources {
        if newest(&root.join(source))? > built {
            return Ok(false);
        }
    }
    Ok(true)
}

fn newest(path: &Path) -> Fallible<SystemTime> {
    let metadata: Metadata = fs::metadata(path).map_err(|why| format!("look at {}: {why}", path.display()))?;
    let mut newest_here = metadata.modified()?;
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            newest_here = newest_here.max(newest(&entry?.path())?);
        }
    }
    Ok(newest_here)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::path::PathBuf;
    use std::time::Duration;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("docket-stale-{name}-{}", std::process::id()));
        fs::create_dir_all(folder.join("src/deep")).expect("a folder");
        for file in ["src/deep/a.ts", "out"] {
            fs::write(folder.join(file), "x").expect("written");
        }
        folder
    }

    fn date(path: &Path, seconds: u64) {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        File::open(path).and_then(|file| file.set_modified(time)).expect("dated");
    }

    fn is_fresh(name: &str, source: u64, result: u64) -> bool {
        let folder = folder(name);
        for path in ["src", "src/deep", "src/deep/a.ts"] {
            date(&folder.join(path), source);
        }
        date(&folder.join("out"), result);
        let is_fresh = is_built(&folder, &["src"], "out").expect("an answer");
        fs::remove_dir_all(folder).expect("removed");
        is_fresh
    }

    #[test]
    fn a_newer_source_makes_it_stale() {
        assert!(is_fresh("older", 1000, 2000));
        assert!(!is_fresh("younger", 3000, 2000));
    }

    #[test]
    fn a_missing_result_is_stale() {
        let folder = folder("never");

        let is_fresh = is_built(&folder, &["src"], "nothing").expect("an answer");

        fs::remove_dir_all(folder).expect("removed");
        assert!(!is_fresh);
    }
}
