using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>What a node class's selectors find in AWS at present.</summary>
public sealed class ClassResources(Ec2Cloud ec2)
{
    /// <summary>By id.</summary>
    public ImmutableArray<SubnetInfo> Subnets(NodeClass nodeClass) =>
        nodeClass.Subnets.IsEmpty ? [] : ec2.DescribeSubnets(subnet => IsMeant(nodeClass.Subnets, subnet, null));

    /// <summary>By id.</summary>
    public ImmutableArray<ClassSecurityGroup> SecurityGroups(NodeClass nodeClass) => nodeClass.SecurityGroups.IsEmpty
        ? []
        :
        [
            .. ec2.Find(Ec2Types.SecurityGroup, group => IsMeant(nodeClass.SecurityGroups, group, group.Spec["groupName"]?.Text))
                .Select(group => new ClassSecurityGroup(group.Name, group.Spec["groupName"]?.Text)),
        ];

    /// <summary>By id; for a v1alpha1 template without amiSelector those of its family.</summary>
    public ImmutableArray<ClassImage> Images(NodeClass nodeClass) =>
    [
        .. ec2.Find(Ec2Types.Image, image => nodeClass.Images.IsEmpty
                ? FamilyOf(image) == nodeClass.AmiFamily
                : nodeClass.Images.Any(term => IsMeant(term, image)))
            .Select(image => new ClassImage(image.Name, NameOf(image) ?? image.Name, image.Spec["arch"]?.Text ?? "amd64")),
    ];

    private static bool IsMeant(ImmutableArray<SelectorTerm> terms, ApiObject resource, string? name) =>
        terms.Any(term => term.Matches(resource.Name, name, TagsOf(resource)));

    /// <summary>There is one release of each family, so that every version of an alias resolves to it.</summary>
    private static bool IsMeant(SelectorTerm term, ApiObject image)
    {
        if (term.Alias is { } alias)
        {
            return AmiAlias.Of(alias)?.Family == FamilyOf(image);
        }

        if (term.SsmParameter is { } parameter)
        {
            return SsmParameters.FamilyOf(parameter) == (FamilyOf(image), image.Spec["arch"]?.Text);
        }

        var owner = image.Spec["owner"]?.Text ?? "amazon";
        return (term.Owner is null || term.Owner == owner) && term.Matches(image.Name, NameOf(image), TagsOf(image));
    }

    private static string? FamilyOf(ApiObject image) => image.Spec["family"]?.Text;

    private static string? NameOf(ApiObject image) => image.Spec["name"]?.Text ?? TagsOf(image)["Name"]?.Text;

    private static TreeMap TagsOf(ApiObject resource) => resource.Spec["tags"] as TreeMap ?? TreeMap.Empty;
}

public sealed record ClassSecurityGroup(string Id, string? Name);

/// <param name="Arch">As the label has it: amd64, arm64.</param>
public sealed record ClassImage(string Id, string Name, string Arch);
