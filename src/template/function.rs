//! The functions that templates may call.
//!
//! What they return is escaped like any other value. `null` gives nothing, as it does without a
//! function; a name that means nothing is an error.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat};
use chrono_tz::Tz;
use handlebars::{
    Context, Handlebars, Helper, HelperDef, JsonValue, PathAndJson, RenderContext, RenderError,
    RenderErrorReason, ScopedJson,
};

use super::block::first_value;

/// The names of the functions, for whoever misspells one.
pub(super) const NAMES: [&str; 6] = ["date", "datetime_iso", "count", "size", "truncate", "link"];

/// Registers all functions; dates are written in `timezone`.
pub(super) fn register(registry: &mut Handlebars<'static>, timezone: Tz) {
    let mut add = |name: &'static str, function: Body| {
        registry.register_helper(
            name,
            Box::new(Function {
                name,
                function,
                timezone,
            }),
        );
    };
    add("date", date);
    add("datetime_iso", datetime_iso);
    add("count", count);
    add("size", size);
    add("truncate", truncate);
    add("link", link);
}

type Body = fn(&JsonValue, &Call) -> Result<String, RenderError>;

struct Function {
    name: &'static str,
    function: Body,
    timezone: Tz,
}

/// What a function is called with, beside its first value.
struct Call<'a, 'rc> {
    name: &'static str,
    helper: &'a Helper<'rc>,
    context: &'a JsonValue,
    timezone: Tz,
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
        let call = Call {
            name: self.name,
            helper,
            context: context.data(),
            timezone: self.timezone,
        };
        let text = match value.value() {
            JsonValue::Null => String::new(),
            value => (self.function)(value, &call)?,
        };
        Ok(ScopedJson::Derived(JsonValue::String(text)))
    }
}

/// `{{date published "%-d %B %Y"}}`: an RFC 3339 moment in the site's zone, in the form that
/// chrono's `strftime` describes.
fn date(value: &JsonValue, call: &Call) -> Result<String, RenderError> {
    let form = call.text(1)?;
    let mut text = String::new();
    // Not `to_string`, which panics on a form that chrono cannot read.
    write!(text, "{}", call.moment(value)?.format(form))
        .map_err(|_| call.refuse("a form as in \"%-d %B %Y\"", &JsonValue::from(form)))?;
    Ok(text)
}

/// `{{datetime_iso published}}`: an RFC 3339 moment with the site's offset, for `datetime`.
fn datetime_iso(value: &JsonValue, call: &Call) -> Result<String, RenderError> {
    Ok(call
        .moment(value)?
        .to_rfc3339_opts(SecondsFormat::Secs, false))
}

/// `{{count 1234 "item" "items"}}`: a number with its digits grouped, and the word that goes
/// with it; `{{count 1234}}`: the number alone.
fn count(value: &JsonValue, call: &Call) -> Result<String, RenderError> {
    let number = value
        .as_u64()
        .ok_or_else(|| call.refuse("a number of things", value))?;
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if call.helper.params().len() > 1 {
        let word = call.text(if number == 1 { 1 } else { 2 })?;
        text.push(' ');
        text.push_str(word);
    }
    Ok(text)
}

/// `{{size 2400000}}`: a number of bytes, in the unit that suits it: `2.4 MB`.
fn size(value: &JsonValue, call: &Call) -> Result<String, RenderError> {
    let bytes = value
        .as_u64()
        .ok_or_else(|| call.refuse("a number of bytes", value))?;
    Ok(match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    })
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
    let Some((end, _)) = text.char_indices().nth(limit) else {
        return Ok(text.to_owned());
    };
    let kept = &text[..text
        .char_indices()
        .nth(limit.saturating_sub(1))
        .map_or(end, |(at, _)| at)];
    let whole = match kept.rfind(char::is_whitespace) {
        Some(space) if !text[kept.len()..].starts_with(char::is_whitespace) => &kept[..space],
        _ => kept,
    };
    let whole = whole.trim_end_matches(|c: char| c.is_whitespace() || ",;:–—-".contains(c));
    Ok(format!("{whole}…"))
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
