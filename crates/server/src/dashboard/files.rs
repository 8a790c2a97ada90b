//! The files of the built dashboard. A release holds them; a debug build reads them from `web/dist`, so that a change of
//! the dashboard shows without building the server again.

use std::borrow::Cow;
use std::fmt::Write;

use rust_embed::{EmbeddedFile, RustEmbed};

use super::encoding::Encoding;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Built;

/// The guide: pages of their own, beside the one that all screens begin from.
const GUIDE: &str = "docs/";

/// Files under this folder carry their hash in their name.
const HASHED: &str = "assets/";

/// One file that a browser may ask for.
pub struct File {
    name: String,
    plain: EmbeddedFile,
}

impl File {
    /// The file of this name; the compressed forms and the page itself have no names of their own.
    pub fn find(name: &str) -> Option<Self> {
        let kind = kind_of(name)?;
        // What begins with a dot is of the build.
        let may_be_named = kind != PAGE || name.starts_with(GUIDE);
        (may_be_named && !name.starts_with('.')).then_some(())?;
        Some(Self { name: name.to_owned(), plain: Built::get(name)? })
    }

    /// The page that all screens begin from.
    pub fn page() -> Option<Cow<'static, [u8]>> {
        Built::get("index.html").map(|file| file.data)
    }

    /// What it is.
    pub fn kind(&self) -> &'static str {
        kind_of(&self.name).unwrap_or("application/octet-stream")
    }

    /// Whether what has this name never changes.
    pub fn is_forever(&self) -> bool {
        self.name.starts_with(HASHED)
    }

    /// The tag of what it holds.
    pub fn etag(&self) -> String {
        let hash = self.plain.metadata.sha256_hash();
        hash.iter().take(8).fold(String::from("\""), |mut tag, byte| {
            let _ = write!(tag, "{byte:02x}");
            tag
        }) + "\""
    }

    /// Its bytes in the first of these forms that lies ready.
    pub fn into_encoded(self, forms: Vec<Encoding>) -> (Option<&'static str>, Cow<'static, [u8]>) {
        for form in forms.into_iter().filter(|form| *form != Encoding::Plain) {
            if let Some(file) = Built::get(&format!("{}{}", self.name, form.suffix())) {
                return (form.name(), file.data);
            }
        }
        (None, self.plain.data)
    }
}

const PAGE: &str = "text/html; charset=utf-8";

/// What the ending of a name says; a name with another ending is no file of ours.
fn kind_of(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    Some(match ending {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "html" => PAGE,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for name in ["../package.json", "assets/../../package.json", "/etc/passwd", "index.html", ".vite/manifest.json"]
        {
            assert!(File::find(name).is_none(), "{name}");
        }
    }
}
