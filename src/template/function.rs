//! The functions that templates may call.
//!
//! What they return is escaped like any other value. `null` gives nothing, as it does without a
//! function; a name that means nothing is an error.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat};
use chrono_tz::Tz;
use handlebars::{
    Context, Handlebars, Helper, HelperDef, JsonValue, PathAndJson, RenderContext, RenderError,
    RenderErrorReason, ScopedJson,
};

use super::block::first_value;
use crate::language::{Phrasebook, Words};

/// The names of the functions, for whoever misspells one.
pub(super) const NAMES: [&str; 7] = [
    "date",
    "datetime_iso",
    "count",
    "size",
    "truncate",
    "link",
    "t",
];

/// Registers all functions; dates are written in `timezone`, and words are those of `phrases`.
pub(super) fn register(
    registry: &mut Handlebars<'static>,
    timezone: Tz,
    phrases: &Arc<Phrasebook>,
) {
    let mut add = |name: &'static str, function: Body| {
        registry.register_helper(
            name,
            Box::new(Function {
                name,
                function,
                timezone,
                phrases: Arc::clone(phrases),
            }),
        );
    };
    add("date", date);
    add("datetime_iso", datetime_iso);
    add("count", count);
    add("size", size);
    add("truncate", truncate);
    add("link", link);
    add("t", say);
}

type Body = fn(&JsonValue, &Call) -> Result<String, RenderError>;

struct Function {
    name: &'static str,
    function: Body,
    timezone: Tz,
    phrases: Arc<Phrasebook>,
}

/// What a function is called with, beside its first value.
struct Call<'a, 'rc> {
    name: &'static str,
    helper: &'a Helper<'rc>,
    context: &'a JsonValue,
    timezone: Tz,
    /// Those of the page's language, or of the where there is no page.
    words: &'a Words,
}

impl Call<'_, '_> {
    /// The argument at `index`, a text.
    fn text(&self, index: usize) -> Result<&str, RenderError> {
        let value = self
            .helper
            .param(index)
            .ok_or(RenderErrorReason::ParamNotFoundForIndex(self.name, index))?;
        value
            .value()
            .as_str()
            .ok_or_else(|| self.refuse("a text", value.value()))
    }

    fn moment(&self, value: &JsonValue) -> Result<DateTime<Tz>, RenderError> {
        value
            .as_str()
            .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
            .map(|moment| moment.with_timezone(&self.timezone))
            .ok_or_else(|| self.refuse("a moment as in 2024-11-22T09:00:00Z", value))
    }

    fn refuse(&self, wanted: &str, found: &JsonValue) -> RenderError {
        let message = format!("'{}' wants {wanted}, and was given {found}", self.name);
        RenderErrorReason::Other(message).into()
    }
}

impl HelperDef for Function {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        context: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let value = first_value(helper, self.name)?;
        let others = helper.params().iter().chain(helper.hash().values());
        if let Some(missing) = others.into_iter().find(|other| other.is_value_missing()) {
            return Err(RenderError::strict_error(PathAndJson::relative_path(
                missing,
            )));
        }
        // `in=language` says it in another language than the page's.
        let other = helper
            .hash_get("in")
            .and_then(|value| value.value().as_str());
        let own = || {
            let mut places = ["page", "issue"].iter();
            places.find_map(|name| context.data()[name]["language"].as_str())
        };
        let language = other.or_else(own);
        let call = Call {
            name: self.name,
            helper,
            context: context.data(),
            timezone: self.timezone,
            words: self.phrases.words(language.unwrap_or_default()),
        };
        let text = match value.value() {
            JsonValue::Null => String::new(),
            value => (self.function)(value, &call)?,
        };
        Ok(ScopedJson::Derived(JsonValue::String(text)))
    }
}

/// `{{date published "%-d %B %Y"}}`: an RFC 3339 moment in the site's zone, in the form that
/// chrono's `strftime` describes, with the names of months and days in the page's language. The
/// form may be translated like any text.
fn date(value: &JsonValue, call: &Call) -> Result<String, RenderError> {
    let form = call.text(1)?;
    call.words
        .date(&call.moment(value)?, form)
        .ok_or_else(|| call.refuse("a form as in \"%-d %B %Y\"", &JsonValue::from(form)))
}

/// `{{datetime_iso published}}`: an RFC 3339 moment with the site's offset, for `datetime`.
fn datetime_iso(value: &JsonValue, call: &Call) -> Result<String, RenderError> {
    Ok(call
        .moment(value)?
        .to_rfc3339_opts(SecondsFormat::Secs, false))
}

/// `{{count 1234 "item" "items"}}`: a number with its digits grouped, and the word that goes
/// with it; `{{count 1234}}`: the number alone. The forms of a translated word stand under its
/// singular.
fn count(value: &JsonValue, call: &Call) -> Result<String, RenderError> {
    let number = value
        .as_u64()
        .ok_or_else(|| call.refuse("a number of things", value))?;
    let mut text = call.words.number(number);
    if call.helper.params().len() > 1 {
        let (one, many) = (call.text(1)?, call.text(2)?);
        text.push(' ');
        text.push_str(call.words.counted(number, one, many));
    }
    Ok(text)
}

/// `{{size 2400000}}`: a number of bytes, in the unit that suits it: `2.4 MB`.
fn size(value: &JsonValue, call: &Call) -> Result<String, RenderError> {
    let bytes = value
        .as_u64()
        .ok_or_else(|| call.refuse("a number of bytes", value))?;
    let (number, unit) = match bytes {
        0..1_000 => (bytes.to_string(), "B"),
        1_000..1_000_000 => (bytes.div_ceil(1_000).to_string(), "kB"),
        1_000_000..1_000_000_000 => (format!("{:.1}", bytes as f64 / 1e6), "MB"),
        _ => (format!("{:.1}", bytes as f64 / 1e9), "GB"),
    };
    let number = number.replace('.', &call.words.calendar().decimal);
    Ok(format!("{number} {}", call.words.say(unit)))
}

/// `{{t "Latest news"}}`: a text in the page's language, or as it stands where nobody translated
/// it. `{{t "{count} in all" count=(count total "item" "items")}}`: with values in the place of
/// names in braces.
fn say(value: &JsonValue, call: &Call) -> Result<String, RenderError> {
    let text = value.as_str().ok_or_else(|| call.refuse("a text", value))?;
    if call.helper.hash().is_empty() {
        return Ok(call.words.say(text).to_owned());
    }
    let values: Vec<(&str, String)> = call
        .helper
        .hash()
        .iter()
        .map(|(name, value)| {
            let value = value.value();
            let text = value.as_str().map(str::to_owned);
            (*name, text.unwrap_or_else(|| value.to_string()))
        })
        .collect();
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    Ok(call.words.fill(text, &values))
}

/// `{{truncate summary 160}}`: at most so many characters, whole words, with an ellipsis where
/// something was cut off.
fn truncate(value: &JsonValue, call: &Call) -> Result<String, RenderError> {
    let text = value.as_str().ok_or_else(|| call.refuse("a text", value))?;
    let limit = call
        .helper
        .param(1)
        .ok_or(RenderErrorReason::ParamNotFoundForIndex(call.name, 1))?
        .value();
    let limit = limit
        .as_u64()
        .and_then(|limit| usize::try_from(limit).ok())
        .ok_or_else(|| call.refuse("a number of characters", limit))?;
    Ok(shorten(text, limit))
}

/// `text` if it has at most `limit` characters, or as many of its whole words as fit with an
/// ellipsis; a single word that is too long is cut.
pub fn shorten(text: &str, limit: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(limit) else {
        return text.to_owned();
    };
    let kept = &text[..text
        .char_indices()
        .nth(limit.saturating_sub(1))
        .map_or(end, |(at, _)| at)];
    let whole = match kept.rfind(char::is_whitespace) {
        Some(space) if !text[kept.len()..].starts_with(char::is_whitespace) => &kept[..space],
        _ => kept,
    };
    let whole = whole.trim_end_matches(|c: char| c.is_whitespace() || ",;:·–—-".contains(c));
    format!("{whole}…")
}

/// `{{link url}}`: an absolute URL of this site as seen from the page (`page.root` is the way
/// from the page to `site.base_url`), so that a copy of the site works wherever it stands; the
/// URL itself where it leads elsewhere.
fn link(value: &JsonValue, call: &Call) -> Result<String, RenderError> {
    let url = value.as_str().ok_or_else(|| call.refuse("a URL", value))?;
    let base = call.context["site"]["base_url"].as_str();
    let root = call.context["page"]["root"].as_str();
    let (Some(base), Some(root)) = (base, root) else {
        let message = "'link' needs site.base_url and page.root".to_owned();
        return Err(RenderErrorReason::Other(message).into());
    };
    Ok(match url.strip_prefix(base) {
        Some("") if root.is_empty() => "./".to_owned(),
        Some(path) => format!("{root}{path}"),
        None => url.to_owned(),
    })
}
