//! The application: state, layers and routes in their order, and the server that runs it.

use std::any::Any;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServerHandle, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::{Condition, from_fn};
use actix_web::{App, Error, HttpServer, web};
use services::{Budgets, Services};
use tracing_actix_web::TracingLogger;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::HttpConfig;
use crate::docs::Rendered;
use crate::error::ApiError;
use crate::health::Draining;
use crate::live::{Live, SocketIoServer, answer_socket_io};
use crate::metrics::Metrics;
use crate::observe::RequestSpan;
use crate::rate_limit::RateLimit;
use crate::unmatched::{KnownPaths, answer_unmatched};
use crate::{
    activity, admission, api_key, docs, edge, health, idempotency, import_job, jamaah, live,
    openapi, package, payment, session, tenant, types, user, webhook,
};

/// How long open requests may continue after a stop, in seconds. The worker's last batch comes after them, and both have to
/// fit into the 30 s between SIGTERM and SIGKILL.
const DRAIN_SECONDS: u64 = 10;

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The HTTP adapter. Build it once; cheap to clone.
#[derive(Clone)]
pub struct Api {
    services: web::Data<Services>,
    config: web::Data<HttpConfig>,
    metrics: web::Data<Metrics>,
    rate_limit: web::Data<RateLimit>,
    budgets: web::Data<Budgets>,
    live: web::Data<Live>,
    socket_io: web::Data<SocketIoServer>,
    draining: web::Data<Draining>,
    paths: web::Data<KnownPaths>,
    document: web::Data<Rendered>,
}

/// A running server.
pub struct Running {
    address: SocketAddr,
    server: Server,
    /// The listener of the metrics, if they have one.
    metrics: Option<Server>,
    api: Api,
}

impl Api {
    /// Wires the adapter. `metrics` renders the metrics of the process.
    ///
    /// # Errors
    /// When the OpenAPI document cannot be rendered.
    pub fn new(
        services: Services,
        config: HttpConfig,
        metrics: Metrics,
    ) -> Result<Self, serde_json::Error> {
        let document = document();
        let live = Live::new(services.clone(), &config);
        Ok(Self {
            rate_limit: web::Data::new(RateLimit::per_minute(config.rate_limit_per_minute)),
            budgets: web::Data::new(services.budgets(config.rate_limit_per_minute.get())),
            socket_io: web::Data::new(SocketIoServer::new(&live)),
            live: web::Data::new(live),
            draining: web::Data::new(Draining::default()),
            paths: web::Data::new(KnownPaths::of(&document, console_paths(&config))),
            document: web::Data::new(Rendered::of(&document)?),
            metrics: web::Data::new(metrics),
            services: web::Data::new(services),
            config: web::Data::new(config),
        })
    }

    /// The actix application; called once for each of its workers.
    fn app(
        &self,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = Error,
            InitError = (),
        > + use<>,
    > {
        let (app, _) = App::new()
            .into_utoipa_app()
            .configure(routes)
            .split_for_parts();
        app.configure(docs::configure)
            .configure(|app| configure_console(app, &self.config))
            .service(web::resource(["/socket.io", "/socket.io/"]).to(answer_socket_io))
            .default_service(web::to(answer_unmatched))
            .app_data(self.services.clone())
            .app_data(self.config.clone())
            .app_data(self.metrics.clone())
            .app_data(self.rate_limit.clone())
            .app_data(self.budgets.clone())
            .app_data(self.live.clone())
            .app_data(self.socket_io.clone())
            .app_data(self.draining.clone())
            .app_data(self.paths.clone())
            .app_data(self.document.clone())
            // The last layer is the outermost.
            .wrap(from_fn(admission::admit))
            .wrap(Condition::new(
                !self.config.allowed_origins.is_empty(),
                cors(&self.config.allowed_origins),
            ))
            .wrap(from_fn(edge::finish_answers))
            .wrap(TracingLogger::<RequestSpan>::new())
    }

    /// What is served on the separate address of the metrics.
    fn metrics_app(
        &self,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = Error,
            InitError = (),
        > + use<>,
    > {
        App::new()
            .route("/metrics", web::get().to(health::get_metrics_apart))
            .default_service(web::to(async || Err::<&str, _>(ApiError::UnknownRoute)))
            .app_data(self.services.clone())
            .app_data(self.config.clone())
            .app_data(self.metrics.clone())
            .wrap(from_fn(edge::finish_answers))
            .wrap(TracingLogger::<RequestSpan>::new())
    }

    /// Starts to serve the metrics on a separate listener, with one thread.
    fn serve_metrics(&self, listener: TcpListener) -> std::io::Result<Server> {
        let api = self.clone();
        Ok(HttpServer::new(move || api.metrics_app())
            .workers(1)
            .client_request_timeout(HEAD_TIMEOUT)
            .disable_signals()
            .listen(listener)?
            .run())
    }

    /// Starts to serve on a listener, and the metrics on another one if they have one.
    ///
    /// # Errors
    /// When a listener cannot be used.
    pub fn serve(
        self,
        listener: TcpListener,
        metrics: Option<TcpListener>,
    ) -> std::io::Result<Running> {
        let address = listener.local_addr()?;
        let metrics = metrics
            .map(|listener| self.serve_metrics(listener))
            .transpose()?;
        let api = self.clone();
        let patience = self.config.unread_timeout;
        let server = HttpServer::new(move || api.app())
            .on_connect(move |connection, _| give_up_unread(connection, patience))
            .client_request_timeout(HEAD_TIMEOUT)
            .shutdown_timeout(DRAIN_SECONDS)
            .disable_signals()
            .listen(listener)?
            .run();
        Ok(Running {
            address,
            server,
            metrics,
            api: self,
        })
    }
}

impl Running {
    /// The address that it listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The handle that stops it.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper {
            handle: self.server.handle(),
            api: self.api.clone(),
        }
    }

    /// Serves until it is stopped.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn until_stopped(self) -> std::io::Result<()> {
        let budgets = self.api.budgets.clone();
        let metrics = async {
            match self.metrics {
                Some(server) => server.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            end = self.server => end,
            end = metrics => end,
            () = budgets.settle() => Ok(()),
        }
    }
}

/// Stops a running server.
pub struct Stopper {
    handle: ServerHandle,
    api: Api,
}

impl Stopper {
    /// Makes `/health/ready` answer 503 from now on, so that load balancers send no more requests. Everything else keeps working.
    pub fn drain(&self) {
        self.api.draining.begin();
    }

    /// Closes the sockets with 1001, lets open requests end, and returns when all connections are closed.
    pub async fn stop(self) {
        self.drain();
        self.api.live.stop();
        self.api.socket_io.close().await;
        self.handle.stop(true).await;
    }
}

/// Makes the system close a connection whose client does not read: neither actix nor a blocked handler would notice, and every such
/// connection keeps its buffers.
fn give_up_unread(connection: &dyn Any, patience: Duration) {
    #[cfg(target_os = "linux")]
    if let Some(connection) = connection.downcast_ref::<actix_web::rt::net::TcpStream>()
        && let Err(error) = socket2::SockRef::from(connection).set_tcp_user_timeout(Some(patience))
    {
        tracing::debug!(%error, "could not limit how long a connection may stay unread");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (connection, patience);
}

/// Every documented route.
fn routes(config: &mut ServiceConfig) {
    config
        .service(session::login)
        .service(session::refresh)
        .service(session::logout)
        .service(session::get_me)
        .service(session::change_own_password)
        .service(session::list_own_sessions)
        .service(session::end_other_sessions)
        .service(session::end_own_session)
        .service(tenant::get_tenant)
        .service(tenant::change_tenant)
        .service(activity::list_activity)
        .service(activity::list_import_activity)
        .service(types::list_types)
        .service(import_job::upload_import)
        .service(import_job::list_imports)
        .service(import_job::download_template)
        .service(import_job::validate_import)
        .service(import_job::start_import)
        .service(import_job::cancel_import)
        .service(import_job::list_remembered_mappings)
        .service(import_job::forget_remembered_mapping)
        .service(import_job::preview_import)
        .service(import_job::amend_import)
        .service(import_job::list_amendments)
        .service(import_job::group_import_errors)
        .service(import_job::change_import)
        .service(import_job::get_import_status)
        .service(import_job::list_import_errors)
        .service(import_job::download_failed_rows)
        .service(import_job::preview_rollback)
        .service(import_job::download_original)
        .service(import_job::roll_back_import)
        .service(import_job::delete_import)
        .configure(package::routes)
        .configure(jamaah::routes)
        .configure(payment::routes)
        .configure(user::routes)
        .configure(api_key::routes)
        .configure(webhook::routes)
        .service(live::open_websocket)
        .service(health::get_liveness)
        .service(health::get_readiness)
        .service(health::get_metrics);
}

/// Puts the console on its paths, if there is one.
fn configure_console(app: &mut actix_web::web::ServiceConfig, config: &HttpConfig) {
    #[cfg(feature = "console")]
    crate::console::configure(app, &config.console);
    #[cfg(not(feature = "console"))]
    let _ = (app, config);
}

/// The console's paths, if there is one.
fn console_paths(config: &HttpConfig) -> &'static [&'static str] {
    #[cfg(feature = "console")]
    if config.console != crate::ConsolePages::Off {
        return &crate::console::PATHS;
    }
    let _ = config;
    &[]
}

/// The OpenAPI document of all routes.
#[must_use]
pub fn document() -> OpenApi {
    let (_, mut document) = App::new()
        .into_utoipa_app()
        .openapi(openapi::frame())
        .configure(routes)
        .split_for_parts();
    openapi::complete(&mut document);
    document
}

fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            idempotency::IDEMPOTENCY_KEY,
        ])
        .expose_headers([
            "x-request-id",
            "x-ratelimit-limit",
            "x-ratelimit-remaining",
            "x-ratelimit-reset",
            "retry-after",
            "idempotency-replayed",
            "content-disposition",
        ])
        .max_age(3600);
    if origins.iter().any(|origin| origin == "*") {
        return cors.allow_any_origin();
    }
    origins
        .iter()
        .fold(cors, |cors, origin| cors.allowed_origin(origin))
}
