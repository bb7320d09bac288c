namespace Sparkwright.Kubernetes.OpenApi;

/// <summary>The two forms in which an API server describes itself; they differ in references, value types, defaults and enums.</summary>
public enum OpenApiForm
{
    /// <summary>Swagger 2.0: one document for all groups, without defaults and enums.</summary>
    V2,

    /// <summary>OpenAPI 3.0: a document for each group and version.</summary>
    V3,
}
