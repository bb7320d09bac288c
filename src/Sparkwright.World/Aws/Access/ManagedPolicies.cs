using System.Collections.Frozen;

namespace Sparkwright.World.Aws.Access;

/// <summary>Those of AWS's own policies that a Spark platform meets. The node policies are cut to what the platform acts on.</summary>
public static class ManagedPolicies
{
    public const string Prefix = "arn:aws:iam::aws:policy/";

    public const string Administrator = Prefix + "AdministratorAccess";

    private static readonly (string Name, string Statements)[] Texts =
    [
        ("AdministratorAccess", """{"Effect":"Allow","Action":"*","Resource":"*"}"""),
        ("PowerUserAccess", """
            {"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},
            {"Effect":"Allow","Action":["iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole","iam:ListRoles"],"Resource":"*"}
            """),
        ("ReadOnlyAccess", """{"Effect":"Allow","Action":["*:Describe*","*:Get*","*:List*","logs:FilterLogEvents","s3:Head*"],"Resource":"*"}"""),
        ("AmazonS3FullAccess", """{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],"Resource":"*"}"""),
        ("AmazonS3ReadOnlyAccess", """{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*"],"Resource":"*"}"""),
        ("AmazonEC2FullAccess", """{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"""),
        ("AmazonEC2ReadOnlyAccess", """{"Effect":"Allow","Action":["ec2:Describe*","ec2:GetConsoleOutput"],"Resource":"*"}"""),
        ("CloudWatchLogsFullAccess", """{"Effect":"Allow","Action":["logs:*","cloudwatch:GenerateQuery"],"Resource":"*"}"""),
        ("CloudWatchLogsReadOnlyAccess", """{"Effect":"Allow","Action":["logs:Describe*","logs:Get*","logs:List*","logs:FilterLogEvents","logs:StartLiveTail","logs:StopLiveTail"],"Resource":"*"}"""),
        ("CloudWatchAgentServerPolicy", """{"Effect":"Allow","Action":["cloudwatch:PutMetricData","ec2:DescribeVolumes","ec2:DescribeTags","logs:PutLogEvents","logs:PutRetentionPolicy","logs:DescribeLogStreams","logs:DescribeLogGroups","logs:CreateLogStream","logs:CreateLogGroup"],"Resource":"*"}"""),
        ("IAMFullAccess", """{"Effect":"Allow","Action":"iam:*","Resource":"*"}"""),
        ("IAMReadOnlyAccess", """{"Effect":"Allow","Action":["iam:Get*","iam:List*","iam:Simulate*"],"Resource":"*"}"""),
        ("AmazonPrometheusRemoteWriteAccess", """{"Effect":"Allow","Action":"aps:RemoteWrite","Resource":"*"}"""),
        ("AmazonEKSClusterPolicy", """{"Effect":"Allow","Action":["ec2:Describe*","ec2:CreateTags","elasticloadbalancing:*","iam:ListRoles"],"Resource":"*"}"""),
        ("AmazonEKSWorkerNodePolicy", """{"Effect":"Allow","Action":["ec2:Describe*","eks:DescribeCluster"],"Resource":"*"}"""),
        ("AmazonEKS_CNI_Policy", """{"Effect":"Allow","Action":["ec2:AssignPrivateIpAddresses","ec2:AttachNetworkInterface","ec2:CreateNetworkInterface","ec2:DeleteNetworkInterface","ec2:Describe*"],"Resource":"*"}"""),
        ("AmazonEC2ContainerRegistryReadOnly", """{"Effect":"Allow","Action":["ecr:BatchGetImage","ecr:Describe*","ecr:Get*","ecr:List*"],"Resource":"*"}"""),
        ("AmazonSSMManagedInstanceCore", """{"Effect":"Allow","Action":["ssm:*","ssmmessages:*","ec2messages:*"],"Resource":"*"}"""),
    ];

    /// <summary>Documents by ARN, as text.</summary>
    public static FrozenDictionary<string, string> Documents { get; } = Texts.ToFrozenDictionary(
        policy => Prefix + policy.Name, policy => $$"""{"Version":"2012-10-17","Statement":[{{policy.Statements.ReplaceLineEndings("")}}]}""", StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, PolicyDocument> Read = Documents.ToFrozenDictionary(
        policy => policy.Key, policy => PolicyDocument.Known(policy.Value), StringComparer.Ordinal);

    /// <summary>ARNs in order of names.</summary>
    public static IEnumerable<string> Arns { get; } = [.. Texts.Select(policy => Prefix + policy.Name).Order(StringComparer.Ordinal)];

    public static PolicyDocument? Find(string arn) => Read.GetValueOrDefault(arn);
}
