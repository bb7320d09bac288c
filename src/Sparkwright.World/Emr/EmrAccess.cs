using Sparkwright.Kubernetes.Authorization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Eks;

namespace Sparkwright.World.Emr;

/// <summary>
/// What EMR on EKS may do in the cluster. It comes as its service-linked role; kube-system/aws-auth says which user that is, and RBAC what the
/// user may do.
/// </summary>
public sealed class EmrAccess(ObjectStore store, AwsAuth auth, string account)
{
    /// <summary>The service-linked role as aws-auth has to name it: without its path.</summary>
    public string ServiceRole { get; } = $"arn:aws:iam::{account}:role/AWSServiceRoleForAmazonEMRContainers";

    /// <summary>What stands against reading the namespace, as CreateVirtualCluster words it; null when it may be read.</summary>
    public string? CannotRead(string @namespace) =>
        Lacks(new AccessRequest("get") { Resource = "namespaces", Namespace = @namespace, Name = @namespace }) is { } why
            ? $"Unauthorized to perform read namespace on {@namespace}. EMR on EKS is unauthorized to perform \"read namespace\" on the namespace: {why}"
            : null;

    /// <summary>The first right to create objects of these kinds in a namespace that is missing; null when none is.</summary>
    public string? CannotCreate(string @namespace, IEnumerable<ResourceType> types) => CannotDo("create", @namespace, types);

    public string? CannotDelete(string @namespace, IEnumerable<ResourceType> types) => CannotDo("delete", @namespace, types);

    private string? CannotDo(string verb, string @namespace, IEnumerable<ResourceType> types) => types
        .Select(type => Lacks(new AccessRequest(verb) { Group = type.Group, Resource = type.Plural, Namespace = @namespace }))
        .FirstOrDefault(why => why is not null);

    /// <summary>Why a request would be refused, or null.</summary>
    private string? Lacks(AccessRequest request)
    {
        if (auth.Find(new AccessKey("", "", ServiceRole, ""), store) is not { } who)
        {
            return $"kube-system/aws-auth maps {ServiceRole} to no user of the cluster";
        }

        return new Rbac(store).Allows(who, request) ? null : request.Refusal(who);
    }
}
