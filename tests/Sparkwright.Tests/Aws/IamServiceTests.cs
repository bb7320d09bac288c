using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Aws.Access;

namespace Sparkwright.Tests.Aws;

/// <summary>The API iam as calls see it, without a wire.</summary>
public sealed class IamServiceTests
{
    private const string Trust = """{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";
    private const string Reads = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}""";

    private readonly global::Sparkwright.World.World world = WorldBuilder.Build(new WorldSettings());

    public IamServiceTests() => Done("CreateRole", $"{{RoleName: Reader, AssumeRolePolicyDocument: '{Trust}', Path: /jobs/, Description: reads}}");

    [Fact]
    public void A_role_is_as_it_was_made_until_it_is_gone()
    {
        var role = Done("GetRole", "{RoleName: Reader}")["Role"]!;
        Assert.Equal(($"arn:aws:iam::{world.Settings.Account}:role/jobs/Reader", "reads", 3600), (role["Arn"]?.Text, role["Description"]?.Text, (int)role["MaxSessionDuration"]!.Integer!));
        Assert.Equal(Trust, Uri.UnescapeDataString(role["AssumeRolePolicyDocument"]!.Text!));
        Assert.Matches("^AROA[A-Z2-7]{16}$", role["RoleId"]?.Text);
        Done("UpdateRole", "{RoleName: Reader, MaxSessionDuration: '7200'}");
        Done("TagRole", "{RoleName: Reader, Tags: [{Key: team, Value: a}, {Key: cost, Value: '1'}]}");
        Done("UntagRole", "{RoleName: Reader, TagKeys: [cost]}");
        role = Done("GetRole", "{RoleName: Reader}")["Role"]!;
        Assert.Equal((7200, """[{"Key":"team","Value":"a"}]"""), ((int)role["MaxSessionDuration"]!.Integer!, role["Tags"]!.ToString()));
        Assert.Equal("Reader", Names("ListRoles", "{PathPrefix: /jobs/}", "Roles", "RoleName"));
        Assert.Equal("", Names("ListRoles", "{PathPrefix: /people/}", "Roles", "RoleName"));
        Done("DeleteRole", "{RoleName: Reader}");
        Assert.Equal("NoSuchEntity", Refused("GetRole", "{RoleName: Reader}"));
    }

    [Fact]
    public void A_role_may_do_what_its_policies_say_when_they_say_it()
    {
        Assert.False(MayRead());
        Done("PutRolePolicy", $"{{RoleName: Reader, PolicyName: reads, PolicyDocument: '{Reads}'}}");
        Assert.True(MayRead());
        Done("DeleteRolePolicy", "{RoleName: Reader, PolicyName: reads}");
        Assert.False(MayRead());
        Done("AttachRolePolicy", "{RoleName: Reader, PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'}");
        Assert.True(MayRead());
        Assert.Equal("DeleteConflict", Refused("DeleteRole", "{RoleName: Reader}"));
        Done("DetachRolePolicy", "{RoleName: Reader, PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'}");
        Assert.False(MayRead());
    }

    [Fact]
    public void The_default_version_of_a_policy_is_the_one_that_counts()
    {
        var arn = Done("CreatePolicy", $"{{PolicyName: data, PolicyDocument: '{Reads}'}}")["Policy"]!["Arn"]!.Text!;
        Done("AttachRolePolicy", $"{{RoleName: Reader, PolicyArn: '{arn}'}}");
        Assert.True(MayRead());
        Done("CreatePolicyVersion", $"{{PolicyArn: '{arn}', PolicyDocument: '{Reads.Replace("Allow", "Deny")}'}}");
        Assert.True(MayRead());
        Done("SetDefaultPolicyVersion", $"{{PolicyArn: '{arn}', VersionId: v2}}");
        Assert.False(MayRead());
        Assert.Equal("DeleteConflict", Refused("DeletePolicyVersion", $"{{PolicyArn: '{arn}', VersionId: v2}}"));
        Assert.Equal("v2 v1", Names("ListPolicyVersions", $"{{PolicyArn: '{arn}'}}", "Versions", "VersionId"));
        Assert.Equal("Reader", Names("ListEntitiesForPolicy", $"{{PolicyArn: '{arn}'}}", "PolicyRoles", "RoleName"));
        Assert.Equal("DeleteConflict", Refused("DeletePolicy", $"{{PolicyArn: '{arn}'}}"));
        Assert.Contains("Deny", Uri.UnescapeDataString(Done("GetPolicyVersion", $"{{PolicyArn: '{arn}', VersionId: v2}}")["PolicyVersion"]!["Document"]!.Text!), StringComparison.Ordinal);
    }

    [Theory]
    //          operation            input                                                              code
    [InlineData("CreateRole", "{RoleName: reader, AssumeRolePolicyDocument: TRUST}", "EntityAlreadyExists")]
    [InlineData("CreateRole", "{RoleName: 'a b', AssumeRolePolicyDocument: TRUST}", "ValidationError")]
    [InlineData("CreateRole", "{AssumeRolePolicyDocument: TRUST}", "ValidationError")]
    [InlineData("CreateRole", "{RoleName: other, AssumeRolePolicyDocument: '{}'}", "MalformedPolicyDocument")]
    [InlineData("CreateRole", "{RoleName: other, AssumeRolePolicyDocument: TRUST, MaxSessionDuration: '60'}", "ValidationError")]
    [InlineData("UpdateAssumeRolePolicy", "{RoleName: Reader, PolicyDocument: '{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}'}", "MalformedPolicyDocument")]
    [InlineData("AttachRolePolicy", "{RoleName: Reader, PolicyArn: 'arn:aws:iam::aws:policy/NoSuch'}", "NoSuchEntity")]
    [InlineData("GetRolePolicy", "{RoleName: Reader, PolicyName: none}", "NoSuchEntity")]
    [InlineData("GetPolicy", "{PolicyArn: 'arn:aws:iam::111122223333:policy/none'}", "NoSuchEntity")]
    [InlineData("DeletePolicy", "{PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess'}", "AccessDenied")]
    [InlineData("ListRoles", "{Marker: '?'}", "ValidationError")]
    public void What_cannot_be_is_refused(string operation, string input, string code) => Assert.Equal(code, Refused(operation, input.Replace("TRUST", $"'{Trust}'")));

    [Fact]
    public void A_simulation_says_which_policy_decides()
    {
        Done("PutRolePolicy", $"{{RoleName: Reader, PolicyName: reads, PolicyDocument: '{Reads}'}}");
        var results = Done("SimulatePrincipalPolicy", $"{{PolicySourceArn: 'arn:aws:iam::{world.Settings.Account}:role/jobs/Reader', ActionNames: ['s3:GetObject', 's3:PutObject'], ResourceArns: ['arn:aws:s3:::data/k']}}")["EvaluationResults"]!.Items.ToArray();
        Assert.Equal("s3:GetObject allowed reads, s3:PutObject implicitDeny ", string.Join(", ", results.Select(one =>
            $"{one["EvalActionName"]?.Text} {one["EvalDecision"]?.Text} {one["MatchedStatements"]?.Items.ToArray().FirstOrDefault()?["SourcePolicyId"]?.Text}")));
    }

    private bool MayRead() => world.Iam.Decide($"arn:aws:sts::{world.Settings.Account}:assumed-role/Reader/s", new AccessRequest("s3:GetObject", "arn:aws:s3:::data/k")).IsAllowed;

    private string Names(string operation, string input, string list, string name) =>
        string.Join(' ', Done(operation, input)[list]!.Items.ToArray().Select(one => one[name]?.Text));

    private TreeMap Done(string operation, string input) => AwsCalls.Done(world, "iam", operation, input);

    private string Refused(string operation, string input) => AwsCalls.Refused(world, "iam", operation, input).Code;
}
