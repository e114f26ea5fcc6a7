//! The actix-web adapter: routes, extractors, DTOs, error table, WebSocket, OpenAPI.
