//! The blocks `if`, `unless`, `each` and `with`, in a form that is as strict as the rest.
//!
//! Handlebars' own take a misspelt name for an empty one, even in its strict mode; and its `with`
//! takes an absent value for a misspelt one. Here `null` is absent, and a name that means nothing
//! is an error.

use handlebars::{
    BlockContext, BlockParamHolder, BlockParams, Context, Handlebars, Helper, HelperDef,
    HelperResult, JsonTruthy, JsonValue, Output, PathAndJson, RenderContext, RenderError,
    RenderErrorReason, Renderable,
};

/// Puts the strict blocks in the place of Handlebars' own.
pub(super) fn register(registry: &mut Handlebars<'static>) {
    registry.register_helper(
        "if",
        Box::new(Condition {
            name: "if",
            wanted: true,
        }),
    );
    registry.register_helper(
        "unless",
        Box::new(Condition {
            name: "unless",
            wanted: false,
        }),
    );
    registry.register_helper("each", Box::new(Each));
    registry.register_helper("with", Box::new(With));
}

/// The first value given to `helper`.
pub(super) fn first_value<'a, 'rc>(
    helper: &'a Helper<'rc>,
    name: &'static str,
) -> Result<&'a PathAndJson<'rc>, RenderError> {
    let value = helper
        .param(0)
        .ok_or(RenderErrorReason::ParamNotFoundForIndex(name, 0))?;
    if value.is_value_missing() {
        return Err(RenderError::strict_error(value.relative_path()));
    }
    Ok(value)
}

struct Condition {
    name: &'static str,
    wanted: bool,
}

impl HelperDef for Condition {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = first_value(helper, self.name)?;
        let include_zero = helper
            .hash_get("includeZero")
            .and_then(|value| value.value().as_bool())
            .unwrap_or(false);
        let branch = if value.value().is_truthy(include_zero) == self.wanted {
            helper.template()
        } else {
            helper.inverse()
        };
        match branch {
            Some(branch) => branch.render(registry, context, render, out),
            None => Ok(()),
        }
    }
}

struct Each;

impl HelperDef for Each {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let list = first_value(helper, "each")?;
        let values: Vec<(JsonValue, &JsonValue)> = match list.value() {
            JsonValue::Array(values) => (0usize..).map(JsonValue::from).zip(values).collect(),
            JsonValue::Object(map) => map
                .iter()
                .map(|(key, value)| (JsonValue::from(key.as_str()), value))
                .collect(),
            JsonValue::Null => Vec::new(),
            other => {
                let message = format!("'each' wants a list or a map, and was given {other}");
                return Err(RenderErrorReason::Other(message).into());
            }
        };
        if values.is_empty() {
            return match helper.inverse() {
                Some(branch) => branch.render(registry, context, render, out),
                None => Ok(()),
            };
        }
        let Some(template) = helper.template() else {
            return Ok(());
        };
        let last = values.len() - 1;
        render.push_block(BlockContext::new());
        for (index, (key, value)) in values.into_iter().enumerate() {
            if let Some(block) = render.block_mut() {
                block.set_local_var("first", JsonValue::from(index == 0));
                block.set_local_var("last", JsonValue::from(index == last));
                block.set_local_var("index", JsonValue::from(index));
                block.set_local_var("key", key.clone());
                enter(block, list, helper, key, value);
            }
            template.render(registry, context, render, out)?;
        }
        render.pop_block();
        Ok(())
    }
}

/// Makes `value`, which stands under `key` in `list`, the one that the block's names are
/// looked up in.
fn enter<'rc>(
    block: &mut BlockContext<'rc>,
    list: &PathAndJson<'rc>,
    helper: &Helper<'rc>,
    key: JsonValue,
    value: &JsonValue,
) {
    let held = match list.context_path() {
        Some(path) => {
            let step = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
            let base = block.base_path_mut();
            base.clone_from(path);
            base.push(step);
            BlockParamHolder::path(Vec::new())
        }
        None => {
            block.set_base_value(value.clone());
            BlockParamHolder::value(value.clone())
        }
    };
    block.set_block_params(BlockParams::new());
    if let Some(name) = helper.block_param() {
        block.set_block_param(name, held);
    } else if let Some((name, key_name)) = helper.block_param_pair() {
        block.set_block_param(name, held);
        block.set_block_param(key_name, BlockParamHolder::value(key));
    }
}

struct With;

impl HelperDef for With {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = first_value(helper, "with")?;
        if !value.value().is_truthy(false) {
            return match helper.inverse() {
                Some(branch) => branch.render(registry, context, render, out),
                None => Ok(()),
            };
        }
        let Some(template) = helper.template() else {
            return Ok(());
        };
        let mut block = BlockContext::new();
        let held = match value.context_path() {
            Some(path) => {
                block.base_path_mut().clone_from(path);
                BlockParamHolder::path(Vec::new())
            }
            None => {
                block.set_base_value(value.value().clone());
                BlockParamHolder::value(value.value().clone())
            }
        };
        if let Some(name) = helper.block_param() {
            block.set_block_param(name, held);
        }
        render.push_block(block);
        template.render(registry, context, render, out)?;
        render.pop_block();
        Ok(())
    }
}
