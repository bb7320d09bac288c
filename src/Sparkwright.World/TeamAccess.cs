using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Blueprint;
using Sparkwright.World.Emr;

namespace Sparkwright.World;

/// <summary>What people and jobs of a platform may do in its AWS account.</summary>
public static class TeamAccess
{
    /// <summary>Makes the role under which a team's jobs run: EMR's service accounts may take it on, S3 and the logs are open to it.</summary>
    public static void EnsureExecutionRole(World world, TeamPlan team)
    {
        world.Iam.EnsureRole(world.Settings.Account, team.ExecutionRole, Trust(world.Settings.Account, world.OidcIssuer, team), EnsureJobPolicy(world));
    }

    /// <summary>Makes the policy of what jobs of the data teams do.</summary>
    public static string EnsureJobPolicy(World world)
    {
        var (account, region) = (world.Settings.Account, world.Settings.Region);
        return world.Iam.EnsurePolicy(account, world.Settings.ClusterName + PlatformResources.JobPolicy, "What jobs of the data teams do in S3 and CloudWatch Logs", JobPolicy(region, account));
    }

    /// <summary>Makes the policy of what people of the data teams do.</summary>
    public static string EnsureUserPolicy(World world) =>
        world.Iam.EnsurePolicy(world.Settings.Account, world.Settings.ClusterName + PlatformResources.UserPolicy, "What people of the data teams do", UserPolicy);

    /// <summary>Makes a user with a key: the administrator may do everything, a team's user may work with jobs, buckets and logs.</summary>
    /// <param name="secret">40 characters, should a new key be needed.</param>
    public static AccessKey EnsureUser(World world, string name, string secret)
    {
        var account = world.Settings.Account;
        var policy = name == Iam.AdminUser
            ? ManagedPolicies.Administrator
            : EnsureUserPolicy(world);
        return world.Iam.EnsureUser(account, name, secret, policy);
    }

    /// <summary>Whom a team's role trusts: EMR, and EMR's service accounts in the team's namespace.</summary>
    /// <param name="issuer">Of the cluster's OIDC provider.</param>
    public static string Trust(string account, string issuer, TeamPlan team)
    {
        var provider = issuer["https://".Length..];
        var subject = new JobIdentity(account, team.ExecutionRole).TrustedSubject(team.Name);
        return $$$"""
            {
              "Version": "2012-10-17",
              "Statement": [
                {"Sid": "EMR", "Effect": "Allow", "Principal": {"Service": "elasticmapreduce.amazonaws.com"}, "Action": "sts:AssumeRole"},
                {
                  "Effect": "Allow",
                  "Principal": {"Federated": "arn:aws:iam::{{{account}}}:oidc-provider/{{{provider}}}"},
                  "Action": "sts:AssumeRoleWithWebIdentity",
                  "Condition": {"StringLike": {"{{{provider}}}:sub": "{{{subject}}}"}}
                }
              ]
            }
            """;
    }

    private static string JobPolicy(string region, string account) => $$"""
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Effect": "Allow",
              "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:ListBucket", "s3:PutObject"],
              "Resource": "arn:aws:s3:::*"
            },
            {
              "Effect": "Allow",
              "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents"],
              "Resource": "arn:aws:logs:{{region}}:{{account}}:log-group:*"
            }
          ]
        }
        """;

    private const string UserPolicy = """
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Effect": "Allow",
              "Action": [
                "emr-containers:StartJobRun", "emr-containers:CancelJobRun", "emr-containers:Describe*", "emr-containers:List*", "emr-containers:*JobTemplate",
                "emr-containers:TagResource", "emr-containers:UntagResource", "emr-containers:GetManagedEndpointSessionCredentials",
                "eks:Describe*", "eks:List*", "ec2:Describe*", "aps:Describe*", "aps:List*", "grafana:List*", "grafana:Describe*",
                "s3:*", "logs:Describe*", "logs:Get*", "logs:List*", "logs:FilterLogEvents", "logs:StartLiveTail", "iam:GetRole", "iam:ListRoles"
              ],
              "Resource": "*"
            }
          ]
        }
        """;
}
