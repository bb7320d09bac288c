namespace Sparkwright.ConformanceTests;

/// <summary>Roles, policies and sessions by the real aws CLI.</summary>
public sealed class AwsIamTests(RunningPlatform platform)
{
    private const string Trust = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"'$ACCOUNT'"},"Action":"sts:AssumeRole"}]}""";

    [Fact]
    public async Task A_roles_session_may_do_what_the_roles_policies_say()
    {
        AwsShell.SkipWithoutAws();
        var (code, output) = await AwsShell.Run(platform, $$"""
            set -e
            ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
            aws s3 mb s3://rights >/dev/null
            echo hello | aws s3 cp - s3://rights/open/a.txt
            echo hello | aws s3 cp - s3://rights/shut/b.txt
            aws iam create-role --role-name reader --assume-role-policy-document '{{Trust}}' --query Role.Arn --output text
            aws iam put-role-policy --role-name reader --policy-name open --policy-document '{"Version":"2012-10-17","Statement":[
              {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::rights/open/*"},
              {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::rights","Condition":{"StringLike":{"s3:prefix":"open/*"} } }]}'
            aws iam get-role-policy --role-name reader --policy-name open --query 'PolicyDocument.Statement[0].Action' --output text
            read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<< "$(aws sts assume-role --role-arn arn:aws:iam::$ACCOUNT:role/reader --role-session-name test \
              --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)"
            export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
            aws sts get-caller-identity --query Arn --output text
            aws s3 cp s3://rights/open/a.txt -
            aws s3 ls s3://rights/open/ | wc -l
            set +e
            aws s3 ls s3://rights/shut/
            aws s3api get-object --bucket rights --key shut/b.txt /dev/null
            aws s3 cp s3://rights/open/a.txt s3://rights/open/c.txt
            aws emr-containers list-virtual-clusters
            aws ec2 describe-instances
            aws s3 presign s3://rights/open/a.txt | xargs curl -s
            AWS_SESSION_TOKEN=wrong aws s3 ls s3://rights/open/
            AWS_SESSION_TOKEN=wrong aws emr-containers list-virtual-clusters
            exit 0
            """);
        Assert.True(code == 0, output);
        Assert.Contains(":role/reader\ns3:GetObject\n", output, StringComparison.Ordinal);
        Assert.Contains(":assumed-role/reader/test\nhello\n1\n", output, StringComparison.Ordinal);
        Assert.Equal(2, output.Split('\n').Count(line => line == "hello"));
        Assert.Contains("(AccessDenied) when calling the ListObjectsV2 operation: User: arn:aws:sts::", output, StringComparison.Ordinal);
        Assert.Contains("is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::rights/shut/b.txt because no identity-based policy allows the s3:GetObject action", output, StringComparison.Ordinal);
        Assert.Contains("is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::rights/open/c.txt", output, StringComparison.Ordinal);
        Assert.Contains("(AccessDeniedException) when calling the ListVirtualClusters operation", output, StringComparison.Ordinal);
        Assert.Contains("(UnauthorizedOperation) when calling the DescribeInstances operation", output, StringComparison.Ordinal);
        Assert.Contains("(InvalidToken) when calling the ListObjectsV2 operation", output, StringComparison.Ordinal);
        Assert.Contains("(UnrecognizedClientException) when calling the ListVirtualClusters operation", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_trust_policy_of_a_role_is_brought_up_to_date_for_EMR()
    {
        AwsShell.SkipWithoutAws();
        var (code, output) = await AwsShell.Run(platform, $$"""
            set -e
            ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
            CLUSTER=$(aws eks list-clusters --query 'clusters[0]' --output text)
            aws iam create-role --role-name ts-eks-emr-eks-emr-cli --assume-role-policy-document '{{Trust}}' >/dev/null
            aws emr-containers update-role-trust-policy --cluster-name $CLUSTER --namespace default --role-name ts-eks-emr-eks-emr-cli
            aws emr-containers update-role-trust-policy --cluster-name $CLUSTER --namespace default --role-name ts-eks-emr-eks-emr-cli
            aws iam get-role --role-name ts-eks-emr-eks-emr-cli --query 'Role.AssumeRolePolicyDocument.Statement[1].[Action,Principal.Federated,Condition.StringLike]' --output json
            aws iam list-open-id-connect-providers --query 'OpenIDConnectProviderList[].Arn' --output text
            """);
        Assert.True(code == 0, output);
        Assert.Contains("Successfully updated trust policy of role ts-eks-emr-eks-emr-cli", output, StringComparison.Ordinal);
        Assert.Contains("Trust policy statement already exists for role ts-eks-emr-eks-emr-cli. No changes were made!", output, StringComparison.Ordinal);
        Assert.Contains("-j3uv6jk0kk3sogu231qj91fmo3mvwfl561\"", output, StringComparison.Ordinal);
        Assert.Contains("\"sts:AssumeRoleWithWebIdentity\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pods_token_opens_the_role_that_trusts_its_account()
    {
        AwsShell.SkipWithoutAws();
        Assert.SkipWhen(Kubectl.Programs.Count == 0, "NOT TESTED: there is no kubectl in the PATH, and KUBECTL names none");
        var (code, output) = await AwsShell.Run(platform, $$"""
            kubectl() { "{{Kubectl.Programs[0]}}" "$@"; }
            ROLE=$(aws iam list-roles --query 'Roles[?contains(RoleName, `data-team-a`)].Arn | [0]' --output text)
            NAME=$(basename $ROLE)
            ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
            SUB=$(aws iam get-role --role-name $NAME --query 'Role.AssumeRolePolicyDocument.Statement[1].Condition.StringLike | values(@) | [0]' --output text)
            SA=$(echo $SUB | sed 's/.*://; s/\*-\*/spark-driver/')
            TOKEN=$(mktemp)
            for NAMESPACE in emr-data-team-a emr-data-team-b
            do
              kubectl create serviceaccount $SA -n $NAMESPACE
              kubectl create token $SA -n $NAMESPACE --audience sts.amazonaws.com > "$TOKEN"
              env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY aws sts assume-role-with-web-identity --role-arn $ROLE --role-session-name pod --web-identity-token file://"$TOKEN" \
                --query AssumedRoleUser.Arn --output text
              kubectl delete serviceaccount $SA -n $NAMESPACE
            done
            rm "$TOKEN"
            """);
        Assert.True(code == 0, output);
        Assert.Contains(":assumed-role/emr-eks-karpenter-emr-eks-data-team-a/pod", output, StringComparison.Ordinal);
        Assert.Contains("(AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not authorized to perform sts:AssumeRoleWithWebIdentity", output, StringComparison.Ordinal);
    }
}
