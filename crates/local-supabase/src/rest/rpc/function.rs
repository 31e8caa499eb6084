//! Which function is meant, and what it is called with.

use std::{collections::BTreeMap, sync::Arc};

use axum::http::{Method, StatusCode};

use crate::rest::{
    error::ApiError,
    payload::{BodyKind, Payload},
    request::Request,
    schema::{Function, Name, Parameter, SchemaCache},
    sql::Arguments,
};

/// The arguments as they came.
pub(in crate::rest) enum Given<'a> {
    Query(&'a [(String, String)]),
    Body {
        payload: Payload,
        /// A form or a table is never the function's one unnamed parameter.
        is_json: bool,
    },
    Text(String),
}

impl<'a> Given<'a> {
    pub(super) fn read(request: &'a Request) -> Result<Self, ApiError> {
        if request.method != Method::POST {
            return Ok(Self::Query(&request.query.arguments));
        }
        if BodyKind::of(request.content_type())? == BodyKind::Text {
            return String::from_utf8(request.body.to_vec())
                .map(Self::Text)
                .map_err(|_| ApiError::body("The body is not UTF-8"));
        }
        let columns = request.query.columns.as_deref();
        let is_json = BodyKind::of(request.content_type())? == BodyKind::Json;
        Payload::arguments(request.content_type(), &request.body, columns)
            .map(|payload| Self::Body { payload, is_json })
    }

    /// The names, sorted and once each.
    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = match self {
            Self::Query(pairs) => pairs.iter().map(|(name, _)| name.as_str()).collect(),
            Self::Body { payload, .. } => payload.keys().iter().map(String::as_str).collect(),
            Self::Text(_) => Vec::new(),
        };
        names.sort_unstable();
        names.dedup();
        names
    }

    fn fits(&self, function: &Function) -> bool {
        let names = self.names();
        let known = |name: &&str| {
            function
                .parameters
                .iter()
                .any(|parameter| parameter.name == **name)
        };
        let given = |parameter: &Parameter| names.contains(&parameter.name.as_str());
        !matches!(self, Self::Text(_))
            && names.iter().all(known)
            && function
                .parameters
                .iter()
                .all(|parameter| !parameter.required || given(parameter))
    }

    /// Whether the whole body is the function's one unnamed parameter.
    fn fits_whole(&self, function: &Function) -> bool {
        match (self, whole(function)) {
            (Self::Body { is_json: true, .. }, Some(parameter)) => {
                matches!(parameter.type_name.as_str(), "json" | "jsonb")
            }
            (Self::Text(_), Some(parameter)) => parameter.type_name == "text",
            _ => false,
        }
    }

    pub(super) fn arguments<'b>(&'b self, function: &'b Function) -> Arguments<'b> {
        let by_name = |name: &str| {
            function
                .parameters
                .iter()
                .find(|parameter| parameter.name == name)
        };
        if self.fits_whole(function)
            && let Some(parameter) = whole(function)
        {
            let text = match self {
                Self::Body { payload, .. } => payload.json(),
                Self::Text(text) => text,
                Self::Query(_) => "",
            };
            return Arguments::Whole(parameter, text.to_owned());
        }
        match self {
            // Of an argument given twice the last counts.
            Self::Query(pairs) => {
                let last: BTreeMap<&str, &String> = pairs
                    .iter()
                    .map(|(name, text)| (name.as_str(), text))
                    .collect();
                Arguments::Texts(
                    last.into_iter()
                        .filter_map(|(name, text)| Some((by_name(name)?, text.clone())))
                        .collect(),
                )
            }
            Self::Body { payload, .. } => Arguments::Object(
                payload
                    .keys()
                    .iter()
                    .filter_map(|name| by_name(name))
                    .collect(),
                payload,
            ),
            Self::Text(_) => Arguments::Texts(Vec::new()),
        }
    }
}

fn whole(function: &Function) -> Option<&Parameter> {
    match function.parameters.as_slice() {
        [parameter] if parameter.name.is_empty() => Some(parameter),
        _ => None,
    }
}

/// The one function of that name that takes what is given.
pub(in crate::rest) fn find<'a>(
    cache: &'a SchemaCache,
    name: &Name,
    given: &Given<'_>,
) -> Result<&'a Function, ApiError> {
    let overloads = cache
        .functions
        .get(name)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let by_name: Vec<&Function> = overloads
        .iter()
        .map(Arc::as_ref)
        .filter(|function| given.fits(function))
        .collect();
    match by_name[..] {
        [function] => Ok(function),
        [] => overloads
            .iter()
            .map(Arc::as_ref)
            .find(|function| given.fits_whole(function))
            .ok_or_else(|| unknown_function(cache, name, given)),
        _ => {
            let candidates: Vec<String> =
                by_name.iter().map(|function| signature(function)).collect();
            Err(ApiError::new(
                StatusCode::MULTIPLE_CHOICES,
                "PGRST203",
                format!("Could not choose the best candidate function between: {}", candidates.join(", ")),
            )
            .with_hint("Try renaming the parameters or the function itself in the database so function overloading can be resolved"))
        }
    }
}

fn signature(function: &Function) -> String {
    let parameters: Vec<String> = function
        .parameters
        .iter()
        .map(|parameter| format!("{} => {}", parameter.name, parameter.type_name))
        .collect();
    format!(
        "{}.{}({})",
        function.name.schema,
        function.name.name,
        parameters.join(", ")
    )
}

fn unknown_function(cache: &SchemaCache, name: &Name, given: &Given<'_>) -> ApiError {
    let names = given.names();
    let called = format!("{}.{}", name.schema, name.name);
    let (message, with) = match names.len() {
        _ if matches!(given, Given::Text(_)) => (called.clone(), String::new()),
        0 => (
            format!("{called} without parameters"),
            " without parameters".to_owned(),
        ),
        1 => (
            format!("{called}({})", names[0]),
            format!(" with parameter {}", names[0]),
        ),
        _ => {
            let list = names.join(", ");
            (
                format!("{called}({list})"),
                format!(" with parameters {list}"),
            )
        }
    };
    let or_whole = match given {
        Given::Query(_) | Given::Body { is_json: false, .. } => "",
        Given::Body { is_json: true, .. } => " or with a single unnamed json/jsonb parameter",
        Given::Text(_) => " with a single unnamed text parameter",
    };
    let error = ApiError::not_found(
        "PGRST202",
        format!("Could not find the function {message} in the schema cache"),
    )
    .with_details(format!(
        "Searched for the function {called}{with}{or_whole}, but no matches were found in the schema cache."
    ));
    let near = if matches!(given, Given::Text(_)) {
        None
    } else if cache.functions.contains_key(name) {
        let parameters = cache.nearest_parameters(name, &names);
        parameters.map(|parameters| format!("{}{parameters}", name.name))
    } else {
        cache.nearest_function(name).map(|near| near.name.clone())
    };
    match near {
        Some(near) => error.with_hint(format!(
            "Perhaps you meant to call the function {}.{near}",
            name.schema
        )),
        None => error,
    }
}
