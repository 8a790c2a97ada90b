//! The files of the built dashboard. A release embeds them; a debug build reads them from `web/dist`, so that a change
//! of the dashboard appears without rebuilding the server.

use std::borrow::Cow;
use std::fmt::Write;

use rust_embed::{EmbeddedFile, RustEmbed};

use super::encoding::Encoding;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Built;

/// The folder of the guide, which has its own pages beside the page of the screens.
const GUIDE: &str = "docs/";

/// Files in this folder have their hash in their name.
const HASHED: &str = "assets/";

/// A file that a browser may request.
pub struct File {
    name: String,
    plain: EmbeddedFile,
}

impl File {
    /// The file with this name; the compressed files and the page of the screens have no names of their own.
    pub fn find(name: &str) -> Option<Self> {
        let kind = kind_of(name)?;
        // Names that start with a dot are internal to the build.
        let may_be_named = kind != PAGE || name.starts_with(GUIDE);
        (may_be_named && !name.starts_with('.')).then_some(())?;
        Some(Self { name: name.to_owned(), plain: Built::get(name)? })
    }

    /// The page of all screens.
    pub fn page() -> Option<Cow<'static, [u8]>> {
        Built::get("index.html").map(|file| file.data)
    }

    /// Its media type.
    pub fn kind(&self) -> &'static str {
        kind_of(&self.name).unwrap_or("application/octet-stream")
    }

    /// Whether the file with this name never changes.
    pub fn is_forever(&self) -> bool {
        self.name.starts_with(HASHED)
    }

    /// The ETag of its content.
    pub fn etag(&self) -> String {
        let hash = self.plain.metadata.sha256_hash();
        hash.iter().take(8).fold(String::from("\""), |mut tag, byte| {
            let _ = write!(tag, "{byte:02x}");
            tag
        }) + "\""
    }

    /// Its bytes in the first of these encodings that exists.
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

/// The media type for the extension of a name; other extensions are not served.
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
    fn no_name_leaves_the_folder() {
        for name in ["../package.json", "assets/../../package.json", "/etc/passwd", "index.html", ".vite/manifest.json"]
        {
            assert!(File::find(name).is_none(), "{name}");
        }
    }
}
